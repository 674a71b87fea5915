"""Sessions in the database. Named by SESSION_ENGINE in the settings."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session

from opsportal import clock


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str) -> bool:
        """Django's keys are letters and digits. A cookie may hold anything, also NUL, which PostgreSQL would not even compare."""
        valid: bool = super()._validate_session_key(key)  # type: ignore[misc]  # not in the stubs
        return valid and key.isascii() and key.isalnum()


def clear_expired() -> int:
    """Remove the sessions that nobody can use any more. Returns how many."""
    removed, _by_model = Session.objects.filter(expire_date__lt=clock.now()).delete()
    return removed
