"""Addresses that leave the portal: built on OPS_BASE_URL, never on what a request calls its host."""

from django.conf import settings
from django.urls import reverse


def join_url(token: str) -> str:
    return _absolute(reverse("access_join", args=[token]))


def reset_url(key: str) -> str:
    """`key` is allauth's "uid-token"."""
    uid, _dash, token = key.partition("-")
    return _absolute(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token}))


def _absolute(path: str) -> str:
    return f"{settings.OPS_BASE_URL.rstrip('/')}{path}"
