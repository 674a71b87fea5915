"""Whether risk is calculated at all, and since when it is not."""

from dataclasses import dataclass
from datetime import datetime

from django.template.defaultfilters import date as date_filter
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from switches.queries import states

SWITCH = "ENABLE_ANTI_CILADA"


@dataclass(frozen=True, slots=True)
class Frozen:
    """Scores and buckets are as they were at `since` (None: by this server's environment, or nobody knows). `by` and `reason` are the switch's."""

    since: datetime | None
    by: str = ""
    reason: str = ""
    forced_by_env: bool = False

    @property
    def words(self) -> str:
        """Who froze it, when and why."""
        if self.forced_by_env:
            return _("This server's environment holds %(switch)s off.") % {"switch": SWITCH}
        if self.since is None:
            return _("%(switch)s is off.") % {"switch": SWITCH}
        facts = {"switch": SWITCH, "since": date_filter(localtime(self.since), "SHORT_DATETIME_FORMAT"), "who": self.by, "reason": self.reason}
        if not self.reason:
            return _("%(who)s turned %(switch)s off on %(since)s.") % facts
        return _("%(who)s turned %(switch)s off on %(since)s: “%(reason)s”") % facts


NOBODY_KNOWS = Frozen(None)


def frozen() -> Frozen | None:
    """None while risk is calculated. A switch that is not there is off: nobody could turn it off. One query."""
    state = states([SWITCH]).get(SWITCH)
    if state is None:
        return NOBODY_KNOWS
    if state.is_on:
        return None
    if state.is_on_here:
        return Frozen(None, forced_by_env=True)
    return Frozen(state.since, state.by, state.reason, state.forced_by_env)


def is_frozen() -> bool:
    """ENABLE_ANTI_CILADA is off, here or by this server's environment: scores and buckets stay as they were."""
    return frozen() is not None
