from datetime import timedelta

from django.contrib.sessions.models import Session

from accounts.sessions import clear_expired
from opsportal import clock


def test_only_sessions_that_are_over_are_removed(db):
    for key, hours in (("over", -1), ("live", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=clock.now() + timedelta(hours=hours))
    assert (clear_expired(), list(Session.objects.values_list("session_key", flat=True))) == (1, ["live"])
