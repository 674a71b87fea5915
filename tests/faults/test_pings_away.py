"""A job calls while the database is away: it is told so, and its next call counts."""

import time
from uuid import UUID

import httpx
import pytest

from tests.health.test_races import add_ping
from tests.live import LivePortal, Servers

pytestmark = pytest.mark.slow
SECONDS = 60


def taken(portal: LivePortal, uuid: UUID) -> None:
    """As `curl --retry` does: again until it is taken."""
    deadline = time.monotonic() + SECONDS
    while (answer := httpx.get(f"{portal.url}/ping/{uuid}", timeout=30)).status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert (answer.status_code, answer.text) == (200, "OK")


def test_a_call_while_the_database_is_away_is_503_and_the_next_one_counts(own_servers: Servers, portal: LivePortal) -> None:
    uuid = add_ping(portal)
    taken(portal, uuid)
    own_servers.postgres.stop()
    try:
        answer = httpx.post(f"{portal.url}/ping/{uuid}/fail", content="said", timeout=30)
        assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (503, "unavailable", "5")
    finally:
        own_servers.postgres.start()
    taken(portal, uuid)
    with portal.connect() as sql:
        assert sql.execute("SELECT verdict, calls FROM pings").fetchone() == ("up", 2)
