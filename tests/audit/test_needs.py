from datetime import timedelta

import pytest

from audit import needs
from opsportal import clock
from opsportal.needs import TRUST
from tests import asking


@pytest.mark.parametrize("behind", [False, True])
def test_a_log_that_nobody_seals_is_about_trust(owner, monkeypatch, behind):
    since = clock.now() - timedelta(hours=1) if behind else None
    monkeypatch.setattr("audit.queries.behind_since", lambda: since)
    found = [(need.harm, str(need.state), need.title, need.since) for need in needs.found(asking.request_of(owner))]
    assert found == [(TRUST, "warn", "The audit log is not being sealed", since)] * behind
