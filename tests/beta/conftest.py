import pytest

from beta import gate


@pytest.fixture(autouse=True)
def _gate_without_memory(monkeypatch):
    """One test's blocked gate must not make the next test's claims impatient."""
    monkeypatch.setattr(gate, "_blocked_until", 0.0)
