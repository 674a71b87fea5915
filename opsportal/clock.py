"""The only place that asks for the time. Stored in UTC; “today” is the team's day (OPS_TIME_ZONE)."""

from datetime import date, datetime, timedelta

from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def today() -> date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


def end_of_today() -> datetime:
    """The first moment of tomorrow, in the team's zone."""
    return timezone.make_aware(datetime.combine(today() + timedelta(days=1), datetime.min.time()), timezone.get_default_timezone())
