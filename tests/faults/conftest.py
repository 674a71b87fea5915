from collections.abc import Iterator

import pytest

from tests.live import LivePortal, Servers
from tests.race import make_cto, open_beta


@pytest.fixture(scope="module")
def own_servers() -> Iterator[Servers]:
    """Servers that these tests stop and kill; one pair for a file, because making them takes seconds."""
    servers = Servers()
    yield servers
    servers.end()


@pytest.fixture(scope="module")
def portal(own_servers: Servers) -> Iterator[LivePortal]:
    portal = own_servers.portal()
    make_cto(portal)
    portal.start()
    yield portal
    portal.stop()


@pytest.fixture(scope="module")
def api_key(portal: LivePortal) -> str:
    return open_beta(portal, cap=100_000)


@pytest.fixture
def key(portal: LivePortal, api_key: str) -> str:
    """Signups are open to anybody, with many seats left, whatever the test before did."""
    with portal.connect(autocommit=True) as sql:
        sql.execute("UPDATE beta_programs SET stopped_at = NULL, stopped_by = '', stop_reason = '', ended_backends = '[]'")
    return api_key
