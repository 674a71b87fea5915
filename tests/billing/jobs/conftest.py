from tests.billing.sweeping.conftest import stand_ins, world  # noqa: F401
