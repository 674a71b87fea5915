"""The database goes away and comes back under a running portal; every call in between is answered with a value."""

import time

import httpx
import pytest

from tests.live import LivePortal, Servers

pytestmark = pytest.mark.slow
NAMES = ("ENABLE_JOBS", "ENABLE_PRICE_TRACKER", "BETA_SIGNUPS_PAUSED")
SAFE = {"ENABLE_JOBS": False, "ENABLE_PRICE_TRACKER": False, "BETA_SIGNUPS_PAUSED": True}
NORMAL = {"ENABLE_JOBS": True, "ENABLE_PRICE_TRACKER": False, "BETA_SIGNUPS_PAUSED": False}


class Reader:
    """Asks for all three over connections of its own, and keeps every answer."""

    def __init__(self, portal: LivePortal, key: str) -> None:
        self.url, self.headers = f"{portal.url}/ofrep/v1/evaluate/flags", {"X-API-Key": key}
        self.statuses: set[int] = set()

    def read(self) -> list[dict]:
        answers = [httpx.post(f"{self.url}/{name}", content="{}", headers=self.headers, timeout=30) for name in NAMES]
        self.statuses |= {answer.status_code for answer in answers}
        return [answer.json() for answer in answers]

    def until(self, values: dict[str, bool], reason: str) -> None:
        """Both processes say so: six times in a row."""
        deadline, in_a_row = time.monotonic() + 60, 0
        while in_a_row < 6:
            found = self.read()
            says = {each["key"]: each["value"] for each in found} == values and {each["reason"] for each in found} == {reason}
            in_a_row = in_a_row + 1 if says else 0
            assert time.monotonic() < deadline, found


def test_every_call_has_a_value_while_the_database_is_away_and_after(servers: Servers) -> None:
    portal = servers.portal()
    key = portal.manage("create_api_client", "product", "--scope", "flags").stdout.split()[-1]
    portal.manage("switch", "ENABLE_PRICE_TRACKER", "off", "--reason", "shops block us")
    portal.start()
    try:
        reader = Reader(portal, key)
        reader.until(NORMAL, "STATIC")
        servers.postgres.stop()
        reader.until(SAFE, "UNKNOWN")
        servers.postgres.start()
        reader.until(NORMAL, "STATIC")
        assert reader.statuses == {200}
    finally:
        portal.stop()
