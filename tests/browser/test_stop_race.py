"""STOP against hundreds of clients, in a real browser, on a real web server, proved by PostgreSQL's own order."""

import time
from collections.abc import Iterator

import pytest

from tests.factories import PASSWORD
from tests.live import LivePortal, Servers
from tests.race import (
    CTO,
    CommitOrder,
    Product,
    answers_are_rows,
    committed_after_the_stop,
    counters_agree,
    make_cto,
    never_above,
    open_beta,
    seats_after_the_stop,
)  # fmt: skip
from tests.rough import RoughClients

pytestmark = pytest.mark.slow


@pytest.fixture
def own_servers() -> Iterator[Servers]:
    servers = Servers()
    yield servers
    servers.end()


@pytest.fixture
def portal(own_servers: Servers) -> Iterator[LivePortal]:
    portal = own_servers.portal().start()
    yield portal
    portal.stop()


def sign_in(page, portal):
    page.goto(f"{portal.url}/accounts/login/?next=/ops/beta/")
    page.locator("input[name=login]").fill(CTO)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/ops/beta/")


def wait_for_claims(portal, count):
    """Until the race is really on, however slow the machine."""
    with portal.connect(autocommit=True) as sql:
        for _ in range(1200):
            if sql.execute("SELECT count(*) FROM ops_audit_logs WHERE action_type = 'CLAIM_SEAT'").fetchone()[0] >= count:
                return
            time.sleep(0.01)
    pytest.fail(f"fewer than {count} claims in 12 s")


def test_nobody_is_seated_after_the_click(own_servers, portal, page):
    key = open_beta(portal, cap=100_000)
    make_cto(portal)
    sign_in(page, portal)
    order = CommitOrder(own_servers)
    product = Product(portal, key, clients=200, attempts=None, seconds=15)
    with RoughClients(portal), never_above(portal, 100_000):
        wait_for_claims(portal, 200)
        page.locator(".panel .btn--stop, main .btn--stop").first.click()
        page.locator("#stop-confirm .btn--stop").click()
        page.wait_for_url("**/ops/beta/")
        page.get_by_text("by Ana Souza (CTO)").first.wait_for()
        report = product.report
    before, after = committed_after_the_stop(portal, order.read())
    assert before > 0  # the comparison is not about nothing
    assert after == []
    assert seats_after_the_stop(portal) == []
    assert report.refused["signups_stopped"] > 0
    counters_agree(portal)
    answers_are_rows(portal, report)


def test_the_cap_holds_at_its_edge_twenty_times(portal):
    key = open_beta(portal, cap=100)
    with portal.connect(autocommit=True) as sql:
        sql.execute("INSERT INTO households (household_key, email) SELECT 'first-' || n, 'a@example.com' FROM generate_series(1, 99) n")
        with never_above(portal, 100):
            for _ in range(20):
                report = Product(portal, key, clients=200, attempts=200).report
                assert (len(report.seated), report.refused, report.errors) == (1, {"cap_reached": 199}, {})
                answers_are_rows(portal, report)
                assert counters_agree(portal) == 100
                sql.execute("UPDATE households SET status = 'removed' WHERE household_key = %s", [report.seated[0].household_key])


def test_the_cap_holds_against_every_kind_of_sql(portal):
    key = open_beta(portal, cap=100)
    with never_above(portal, 100) as counts, RoughClients(portal) as rough:
        report = Product(portal, key, clients=100, attempts=None, seconds=9).report
    assert rough.surprises == []
    assert min(rough.done.values()) > 0, rough.done
    assert max(counts) == 100
    assert report.refused["cap_reached"] > 0
    counters_agree(portal)
