"""Telling a worker that there is something to deliver. Only a hint: what nobody was told of is found by the sweep."""

import time
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from opsportal import broker

# After a refusal the broker is left alone for so long: whoever acts meanwhile doesn't wait for it again.
LEFT_ALONE_SECONDS = 15.0
_away_until = 0.0


def tell(ids: Iterable[UUID], *, after: timedelta | None = None) -> int:
    """Tell a worker of each message, to be delivered now or after so long. Returns how many it was told of."""
    from notify.tasks import deliver

    global _away_until
    told = 0
    options = {"countdown": after.total_seconds()} if after else {}
    for message_id in ids:
        if time.monotonic() < _away_until:
            break
        if not broker.send(deliver, str(message_id), **options):
            _away_until = time.monotonic() + LEFT_ALONE_SECONDS
            break
        told += 1
    return told


def tell_on_commit(ids: Iterable[UUID]) -> None:
    """The same, once the messages can be seen by others. Whatever goes wrong with it, the act is done and stays done."""
    wanted = list(ids)
    transaction.on_commit(lambda: tell(wanted), robust=True)
