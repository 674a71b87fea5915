import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from health import checks, registry, uptime
from health.checks import Answer

log = logging.getLogger(__name__)
PART_LIMIT = "1s"


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests can be served. Redis away is no reason not to: only Celery's messages wait for it."""

    database: Answer
    broker: Answer

    @property
    def migrations(self) -> Answer:
        pending = self.database.pending
        return Answer("unknown") if pending is None else Answer("pending" if pending else "ok", pending=pending)

    @property
    def is_ready(self) -> bool:
        return self.database.state == "ok" and self.migrations.state == "ok"

    @property
    def state(self) -> str:
        return "unavailable" if not self.is_ready else "degraded" if self.broker.state != "ok" else "ok"

    def as_json(self) -> dict[str, object]:
        database = Answer(self.database.state, self.database.milliseconds)
        return {"database": database.as_json(), "migrations": self.migrations.as_json(), "broker": self.broker.as_json()}


def readiness() -> Readiness:
    """Asked now, or a second ago; within two seconds at the worst."""
    return Readiness(checks.database_check.answer(), checks.broker_check.answer())


def status(ready: Readiness) -> dict[str, object]:
    """The facts of /api/status. A part whose app can't tell is null, never left out and never green."""
    facts: dict[str, object] = {
        "status": ready.state,
        "version": uptime.version(),
        "uptime_seconds": uptime.seconds(),
        "environment": str(settings.OPS_ENV),
    }
    facts |= {name: answer["status"] for name, answer in ready.as_json().items()}  # type: ignore[index]
    for key, part in registry.parts().items():
        facts[key] = _told(key, part) if ready.database.state == "ok" else None
    return facts


def _told(key: str, part: registry.Part) -> object:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            before = cursor.fetchone()[0]
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [PART_LIMIT])
            told = part()
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
            return told
    except Exception:
        log.exception("no %s in the status", key)
        return None
