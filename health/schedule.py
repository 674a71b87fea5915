"""When a ping is expected: a period after the last one, or the next time of a cron expression in its zone."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError
from django.utils.translation import gettext as _

from health.models import Ping
from opsportal.errors import Invalid

# The convention's own limits for a period and a grace time.
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=365)


def expected_after(ping: Ping, moment: datetime) -> datetime | None:
    """The next moment after `moment` at which the ping is due, in UTC; None where its expression gives none."""
    if ping.every is not None:
        return moment + ping.every
    return next(cron_times(ping.cron, ping.zone, moment), None)


def cron_times(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    """The times of a checked expression, in UTC. Clock changes as Debian's cron: a time that is skipped comes right after the gap,
    one that comes twice counts once; what runs every minute or hour runs by elapsed time. Source: cronsim's README."""
    times = CronSim(cron, after.astimezone(zoneinfo.ZoneInfo(zone)))
    while True:
        try:
            yield next(times).astimezone(UTC)
        except StopIteration:
            return


def check_cron(cron: str, zone: str, after: datetime) -> str:
    """The expression in one form: five fields with single spaces. Raises Invalid for one that is none, or that never comes."""
    fields = cron.split()
    if len(fields) != 5 or len(cron) > 100 or not cron.isascii():
        raise Invalid(_("Write five fields: minute, hour, day of the month, month, day of the week."), field="cron")
    clean = " ".join(fields)
    try:
        found = next(cron_times(clean, check_zone(zone), after), None)
    except CronSimError as error:
        raise Invalid(_("This is no cron expression: %(problem)s.") % {"problem": str(error)}, field="cron") from None
    if found is None:
        raise Invalid(_("This time never comes within 50 years."), field="cron")
    return clean


def check_zone(zone: str) -> str:
    """Raises Invalid for a zone that this machine does not know."""
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(_("“%(zone)s” is no time zone.") % {"zone": zone[:60]}, field="time_zone") from None
    return zone


def check_span(span: timedelta, field: str) -> timedelta:
    """Raises Invalid outside of SHORTEST and LONGEST."""
    if not SHORTEST <= span <= LONGEST:
        raise Invalid(_("From one minute to 365 days."), field=field)
    return span
