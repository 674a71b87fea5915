"""Two secrets for the webhooks of each provider, so that one can be exchanged without a refused delivery."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from billing.report import BadSignature

CURRENT, PREVIOUS = "current", "previous"


def live(current: str, previous: str) -> list[tuple[str, str]]:
    """The secrets that are set, with their names."""
    return [(name, secret) for name, secret in ((CURRENT, current), (PREVIOUS, previous)) if secret]


def signed_by(secrets: list[tuple[str, str]], check: Callable[[str], None]) -> str:
    """The name of the first secret that the check takes. Raises its BadSignature, or one for no secret at all."""
    mismatch = BadSignature("no_secret", _("No secret is set to check the signature with."))
    for name, secret in secrets:
        try:
            check(secret)
        except BadSignature as error:
            # Whatever else is wrong is wrong with every secret.
            if error.reason != "mismatch":
                raise
            mismatch = error
        else:
            return name
    raise mismatch
