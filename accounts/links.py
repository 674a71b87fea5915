"""Addresses that leave the portal: built on OPS_BASE_URL, never on what a request calls its host."""

from django.conf import settings
from django.urls import reverse


def join_url(token: str) -> str:
    return f"{settings.OPS_BASE_URL.rstrip('/')}{reverse('access_join', args=[token])}"
