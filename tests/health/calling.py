"""Calls as the wire makes them, without HTTP: for tests of what they mean."""

from datetime import datetime
from typing import Any
from uuid import UUID

import time_machine

from health.actions import receive_ping
from health.actions.receive import Call
from health.address import Said, Target
from health.models import Kind, Ping


def call(ping: Ping, kind: str = "success", *, at: datetime, exit_status: int | None = None, rid: UUID | None = None, **sent: Any) -> Ping:
    """One call at a moment; returns the ping as it is then."""
    with time_machine.travel(at, tick=False):
        receive_ping(target=Target(uuid=ping.uuid), call=Call(said=Said(Kind(kind), exit_status), rid=rid, **sent))
    ping.refresh_from_db()
    return ping
