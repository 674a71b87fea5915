"""When a web server starts, it writes what its environment says of signups into the gate."""

import threading
import time

import structlog
from django.db import DatabaseError, InterfaceError, connection

from audit.actors import Actor
from beta.actions import sync_environment_stop

RETRY_SECONDS = 3.0

log = structlog.get_logger("beta.gate")


def follow_environment() -> None:
    """Once now; while the database is away, again until it worked. Until then this server refuses by itself."""
    if not _synced():
        threading.Thread(target=_until_synced, name="follow-environment", daemon=True).start()


def _until_synced() -> None:
    while not _synced():
        time.sleep(RETRY_SECONDS)


def _synced() -> bool:
    try:
        sync_environment_stop(actor=Actor.system("environment"))
    except (DatabaseError, InterfaceError) as error:
        log.warning("the gate could not be told what the environment says", error=str(error).splitlines()[0])
        return False
    finally:
        connection.close()
    return True
