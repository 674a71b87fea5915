"""Sessions as allauth leaves them, without going through its pages."""

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client

from accounts.models import Person

FRESH_SECONDS = 600


def sign_in(client: Client, person: Person, *, seconds_ago: float = 0) -> Client:
    """Signed in by password so long ago. After FRESH_SECONDS a sign-in is not fresh any more."""
    client.force_login(person)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() - seconds_ago, "email": person.email}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client
