import pytest

from sandbox.signups import CannotStart, Plan, run
from tests.race import open_beta


def test_product_takes_every_seat_once_and_counts_the_refused(live_portal, in_a_thread):
    key = open_beta(live_portal, cap=30)
    report = in_a_thread(run, Plan(live_portal.url, key, 10, 80, None, [])).as_dict()
    assert (report["seated"], report["refused"], report["errors"]) == (30, {"cap_reached": 50}, {})
    assert set(report["latency_ms"]) == {"p50", "p95", "p99", "max"}
    with live_portal.connect() as sql:
        assert sql.execute("SELECT count(*) FROM households WHERE status = 'active'").fetchone() == (30,)


def test_wrong_key_is_told_before_anything_starts(live_portal, in_a_thread):
    with pytest.raises(CannotStart, match="refuses the key"):
        in_a_thread(run, Plan(live_portal.url, "ops_nobody_nothing", 2, 4, None, []))
