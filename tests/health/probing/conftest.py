from collections.abc import Iterator

import pytest

from tests.receiver import Receiver, receiving


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def public_only(settings):
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = False
