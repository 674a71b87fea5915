from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings

from health import schedule
from opsportal import clock
from opsportal.errors import Invalid

TIMES = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """The next times of a cron expression, or why there are none; neither where nothing is typed yet."""

    times: Sequence[datetime] = ()
    error: str = ""


def next_times(typed: Mapping[str, Any]) -> Preview:
    """From the form's fields as they are, checked by the same rules as the action's."""
    cron, now = str(typed.get("cron") or "").strip(), clock.now()
    zone = str(typed.get("time_zone") or "") or settings.TIME_ZONE
    if not cron:
        return Preview()
    try:
        return Preview(list(islice(schedule.cron_times(schedule.check_cron(cron, zone, now), zone, now), TIMES)))
    except Invalid as error:
        return Preview(error=str(error))
