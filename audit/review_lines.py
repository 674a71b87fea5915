"""The lines of the reviews about what people did. Whether the log is as it was sealed is asked by the job that checks it (jobs/review_lines.py)."""

from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from audit import registry
from audit.actors import ActorKind
from audit.acts import Act, Acts, acts_since
from opsportal import clock
from opsportal.lines import EVENING, Answer, Line, Link, State, register_line
from opsportal.words import Figure, Words, listed, moment, said

KINDS_NAMED = 6


def register() -> None:
    register_line(
        Line("sensitive-acts", "governance", _("Sensitive acts since yesterday"), _("read one by one"), since_yesterday, "audit.view", order=20),
        Line("changes-today", "day", _("What changed today"), _("read and known"), today, "audit.view", reviews=(EVENING,), order=10),
    )


def since_yesterday() -> Answer:
    """Nothing in it is right or wrong by itself: the line is for reading."""
    since = _begin_of(1)
    found = acts_since(since)
    kinds = [Link(_who(kind), _page(since, actor=kind)) for kind in sorted(found.by_kind)]
    return Answer(State.OK, Figure(found.count), _by_kind(found), (*kinds, *(_row(act) for act in found.newest)))


def today() -> Answer:
    since = _begin_of(0)
    found = acts_since(since)
    most = sorted(found.by_entity.items(), key=lambda pair: (-pair[1], pair[0]))[:KINDS_NAMED]
    kinds = [Link(_thing(kind), _page(since, entity=kind)) for kind, _count in most if kind]
    return Answer(State.OK, Figure(found.count), _by_entity(found, most), (*kinds, *(_row(act) for act in found.newest)))


def _begin_of(days_ago: int) -> datetime:
    """Midnight in the team's zone."""
    return timezone.make_aware(datetime.combine(clock.today() - timedelta(days=days_ago), time.min), timezone.get_default_timezone())


def _page(since: datetime, **filters: str) -> str:
    at = timezone.localtime(since, timezone.get_default_timezone())
    return f"{reverse('audit')}?{urlencode(filters | {'since': f'{at:%Y-%m-%dT%H:%M:%S}'})}"


def _by_kind(found: Acts) -> Words:
    if not found.count:
        return said("Nobody has done anything but routine.")
    parts = listed([said("%(who)s %(count)s", who=_who(kind), count=count) for kind, count in sorted(found.by_kind.items())])
    return _more(found, said("%(parts)s.", parts=parts))


def _by_entity(found: Acts, most: list[tuple[str, int]]) -> Words:
    if not found.count:
        return said("Nothing but routine today.")
    parts = listed([said("%(what)s %(count)s", what=_thing(kind), count=count) for kind, count in most])
    return _more(found, said("By what it was about: %(parts)s.", parts=parts))


def _more(found: Acts, words: Words) -> Words:
    return said("%(words)s There are more than were counted.", words=words) if found.is_capped else words


def _who(kind: str) -> Words:
    return {ActorKind.PERSON: said("People"), ActorKind.CLIENT: said("API clients")}.get(ActorKind(kind), said("Command line"))


def _thing(kind: str) -> Words:
    with override("en"):
        return Words(registry.entity_label(kind)) if kind else said("other things")


def _row(act: Act) -> Link:
    """“22 Nov, 12:25: Ana Souza (CTO) turned a switch off: ENABLE_JOBS”."""
    with override("en"):
        did = Words(registry.label(act.action_type))
    values = {"at": moment(act.at), "who": act.who, "did": did, "on": act.on}
    label = said("%(at)s: %(who)s %(did)s: %(on)s", **values) if act.on else said("%(at)s: %(who)s %(did)s", **values)
    return Link(label, reverse("audit_row", args=[act.id]))
