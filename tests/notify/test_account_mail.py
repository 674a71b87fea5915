import pytest
from django.core import mail
from django.urls import reverse

from notify import actions
from notify.models import Message
from tests.factories import PASSWORD
from tests.signing_in import sign_in

NEW = "another horse another battery"


def test_reset_link_goes_through_the_outbox_and_stands_on_no_page(client, viewer, owner):
    client.post(reverse("account_reset_password"), {"email": viewer.email})
    message = Message.objects.get()
    assert (message.topic, message.address, message.is_secret, mail.outbox) == ("account.password_reset_key", viewer.email, True, [])
    assert "/password/reset/key/" not in message.body
    page = sign_in(client, owner).get(reverse("notify_message", args=[message.pk])).content.decode()
    assert ("shown to nobody" in page, "/password/reset/key/" in page, message.body in page) == (True, False, False)
    actions.deliver_due()
    assert "/password/reset/key/" in mail.outbox[0].body
    message.refresh_from_db()
    assert (message.state, message.body) == ("sent", "")


def test_mail_server_that_is_away_loses_no_mail(client, viewer, settings):
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert client.post(reverse("account_reset_password"), {"email": viewer.email}).status_code == 302
    message = Message.objects.get()
    assert actions.deliver_message(message_id=message.pk) is False
    settings.EMAIL_BACKEND = backend
    actions.retry_message(actor=viewer.actor, message_id=message.pk)
    assert (actions.deliver_message(message_id=message.pk), len(mail.outbox)) == (True, 1)


def test_change_of_password_is_told_by_mail(client, viewer):
    sign_in(client, viewer).post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}, headers={"User-Agent": "Firefox"}
    )
    actions.deliver_due()
    (told,) = mail.outbox
    assert (told.to, told.subject) == ([viewer.email], "SmartBuy operations: your account was changed")
    assert told.body.startswith("Your password was changed.\n\nAt ")
    assert "from 127.0.0.1, with Firefox." in told.body


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("account/email/password_reset", "Your password was changed by a reset link."), ("mfa/email/totp_activated", "An authenticator app was added."),
        ("mfa/email/totp_deactivated", "The authenticator app was removed."), ("mfa/email/webauthn_added", "A passkey was added."),
        ("mfa/email/webauthn_removed", "A passkey was removed."),
        ("mfa/email/recovery_codes_generated", "New recovery codes were made; the earlier ones work no more."),
    ],
)  # fmt: skip
def test_each_change_of_an_account_is_said(rf, viewer, prefix, words):
    from allauth.core import context

    from accounts.adapter import AccountAdapter

    request = rf.get("/", headers={"User-Agent": "Firefox"})
    request.user = viewer
    with context.request_context(request):
        AccountAdapter(request).send_notification_mail(prefix, viewer)
    message = Message.objects.get()
    assert (message.body.splitlines()[0], message.topic, message.is_secret) == (words, "account.changed", False)


def test_two_changes_are_two_mails(client, viewer):
    for old, new in ((PASSWORD, NEW), (NEW, PASSWORD)):
        sign_in(client, viewer)
        client.post(reverse("account_change_password"), {"oldpassword": old, "password1": new, "password2": new})
        viewer.refresh_from_db()
    assert len(set(Message.objects.values_list("key", flat=True))) == 2
