import hashlib

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import LoginMethod
from allauth.core import context
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import links, mail
from accounts.action_types import AccountAction
from accounts.actions.session import drop_sessions
from accounts.mail import Mail
from accounts.models import Person
from accounts.signins import note, note_failure
from audit.actors import Actor
from opsportal.access import is_fresh

TURNED_AWAY_SECONDS = 300

CHANGES = {
    "account/email/password_changed": _("Your password was changed."),
    "account/email/password_set": _("Your password was changed."),
    "account/email/password_reset": _("Your password was changed by a reset link."),
    "mfa/email/totp_activated": _("An authenticator app was added."),
    "mfa/email/totp_deactivated": _("The authenticator app was removed."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made; the earlier ones work no more."),
    "mfa/email/webauthn_added": _("A passkey was added."),
    "mfa/email/webauthn_removed": _("A passkey was removed."),
}

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """People are invited, nobody signs up; what allauth does to an account is audited."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("This address and this password don't belong together."),
        "incorrect_password": _("That is not your password."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, or use a passkey."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        # allauth counts only repeated sign-ins; for us any sign-in of the last 10 minutes will do, as in @requires(fresh=True).
        return not is_fresh(context.request)

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            # Once a window for each address: who is turned away must not fill a log that only grows.
            tried = credentials.get(LoginMethod.EMAIL, "")
            if cache.add(f"turned-away:{hashlib.sha256(tried.lower().encode()).hexdigest()}", 1, timeout=TURNED_AWAY_SECONDS):
                note_failure(_person(request), tried, "too many attempts")
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: str) -> None:
        note_failure(_person(request), credentials.get(LoginMethod.EMAIL, ""), "unknown address or wrong password")

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> object:
        note_failure(user, user.email, "deactivated")
        return super().respond_user_inactive(request, user)

    def logout(self, request: HttpRequest) -> None:
        note(AccountAction.SIGN_OUT, request.user)  # type: ignore[arg-type]  # only somebody signed in signs out
        super().logout(request)

    @transaction.atomic
    def set_password(self, user: Person, password: str) -> None:
        """Called for a change and for a reset by link. Ends the person's other sessions."""
        own = context.request.user.is_authenticated and context.request.user.pk == user.pk
        user.set_password(password)
        user.save(update_fields=["password"])
        ended = drop_sessions(user, keep=context.request.session.session_key or "" if own else "")
        actor = user.actor if own else Actor.anonymous(user.email)
        changes = {"by": (None, "the person, signed in" if own else "a reset link"), "other_sessions": (ended, 0)}
        note(AccountAction.CHANGE_PASSWORD, user, actor=actor, changes=changes)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_reset_password_from_key_url(self, key: str) -> str:
        return links.reset_url(key)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """A mail server that is away must not tell an address that is known from one that is not; the log says so instead."""
        rendered = self.render_mail(template_prefix, email, {"product_name": settings.OPS_PRODUCT_NAME, "email": email, **context})
        topic = f"account.{template_prefix.rpartition('/')[2]}"
        try:
            mail.send(Mail(email, topic, str(rendered.subject), str(rendered.body), is_secret="password_reset_url" in context))
        except OSError as error:
            log.error("mail_not_sent", template=template_prefix, error=str(error))

    def send_notification_mail(self, template_prefix: str, user: Person, context: dict | None = None, email: str | None = None) -> None:
        """That something about an account changed, in our words: whoever did not do it must hear of it."""
        what = CHANGES.get(template_prefix)
        super().send_notification_mail("account/email/changed" if what else template_prefix, user, {**(context or {}), "what": what}, email)


def _person(request: HttpRequest) -> Person | None:
    return request.user if request.user.is_authenticated else None
