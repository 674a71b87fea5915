"""Secrets that must be read again are kept encrypted (Fernet: AES-128-CBC and HMAC-SHA256), by a key made from SECRET_KEY.

What was sealed under an earlier key opens as long as that key stands in SECRET_KEY_FALLBACKS.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """Sealed under a key that this portal does not have (any more)."""


def seal(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text in the clear. Raises Unreadable."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def fingerprint(text: str) -> str:
    """Eight characters that tell secrets apart, from SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _fernet() -> MultiFernet:
    return MultiFernet([_key(text) for text in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(text: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"opsportal.notify.sealing").derive(text.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
