"""Reminders and escalations: who hears of a review that waits, and in which words."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Person
from accounts.roles import Role, roles_with
from notify import channels
from notify.actions import enqueue, enqueue_email, enqueue_webhook
from notify.models import Destination
from review.models import Call, Kind, Review
from review.queries.duty import on_duty
from review.status import Standing, hours

TOPIC = "review"
# The first of these that there is: others carry what is meant for households, or for machines.
DESTINATIONS = ("reviews", "pings")


def people_to_remind() -> list[Person]:
    """Whoever is on duty; with nobody on duty, or one who may not do it any more, everybody who may."""
    able, shift = Person.objects.filter(role__in=roles_with("review.do"), is_active=True).order_by("pk"), on_duty()
    found = list(able.filter(pk=shift.person_id)) if shift else []
    return found or list(able)


def people_to_escalate_to() -> list[Person]:
    """Those who were reminded, and the CTOs."""
    ctos = Person.objects.filter(role=Role.CTO, is_active=True).order_by("pk")
    return list({person.pk: person for person in (*people_to_remind(), *ctos)}.values())


def tell_people(people: Iterable[Person], call: Call, standing: Standing, review: Review | None) -> list[str]:
    """Owe each a mail in their language. Returns their names."""
    names = []
    for person in people:
        with override(person.language):
            subject, body = _texts(call, standing, review)
        enqueue_email(topic=TOPIC, subject=subject, body=body, to=person.email, key=f"review-{call.pk}-person-{person.pk}")
        names.append(str(person))
    return names


def tell_destination(call: Call, standing: Standing, review: Review | None) -> list[str]:
    """Owe the team's destination the same, in the portal's language. Returns its name; nothing where there is none, or it is turned off."""
    there = {one.name: one for one in Destination.objects.filter(name__in=DESTINATIONS)}
    one = next((there[name] for name in DESTINATIONS if name in there), None)
    if one is None or not one.is_on or not channels.get(one.channel):
        return []
    with override(settings.LANGUAGE_CODE):
        subject, body = _texts(call, standing, review)
    key = f"review-{call.pk}-destination-{one.pk}"
    if one.channel == "webhook":
        facts = {"topic": TOPIC, "what": call.what, "kind": call.kind, "day": call.day, "subject": subject, "text": body, "url": _url(call)}
        enqueue_webhook(destination=one.name, topic=TOPIC, payload=facts, key=key)
    else:
        enqueue(channel=one.channel, destination=one.name, topic=TOPIC, subject=subject, body=body, key=key)
    return [one.name]


def _texts(call: Call, standing: Standing, review: Review | None) -> tuple[str, str]:
    _at, by = hours(call.kind)
    words = {"review": Kind(call.kind).label, "day": date_format(call.day), "by": time_format(by)}
    if call.what == Call.What.REMINDER:
        subject = _("%(review)s: it is due") % words
        text = _("%(review)s of %(day)s: it is due now, and to be done by %(by)s.") % words
    else:
        subject = _("%(review)s: it is late") % words
        text = _("%(review)s of %(day)s: it was to be done by %(by)s, and nobody has signed it.") % words
        text += "\n" + (_("%(who)s has begun it.") % {"who": review.begun_by} if review else _("Nobody has begun it."))
    shift = on_duty()
    duty = _("On duty: %(who)s.") % {"who": shift.person} if shift else _("Nobody is on duty.")
    return subject, f"{text}\n{duty}\n\n{_url(call)}\n"


def _url(call: Call) -> str:
    return settings.OPS_BASE_URL + reverse("review", args=[call.kind, call.day.isoformat()])
