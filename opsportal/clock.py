"""The only place that asks for the time. Stored in UTC; “today” is the team's day (OPS_TIME_ZONE)."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def today() -> date:
    return timezone.localdate(timezone=timezone.get_default_timezone())
