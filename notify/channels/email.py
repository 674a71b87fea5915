"""Plain-text mail through Django's EMAIL_URL."""

import hashlib
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notify.channels import Channel, Outcome, Parcel
from notify.channels.smtp import send_within
from opsportal.errors import Invalid

# For the whole conversation with the mail server. Less than a worker's claim on the message (notify/actions/delivery.py).
SECONDS = 60.0


def check(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid(_("That is no email address."), field="address") from None
    return address


def send(parcel: Parcel) -> Outcome:
    """Hand the mail to the mail server. A server's 5xx is its last word; everything else is worth another try."""
    headers = {"Message-ID": message_id(parcel.key), "Auto-Submitted": "auto-generated", "X-Ops-Topic": parcel.topic}
    try:
        mail = EmailMessage(parcel.subject, parcel.body, settings.DEFAULT_FROM_EMAIL, [parcel.address], headers=headers)
        send_within(SECONDS, mail)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return _refused(code, text)
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(False, error=_("The mail server can't be reached: %(error)s") % {"error": str(error) or type(error).__name__})
    return Outcome(True)


def message_id(key: str) -> str:
    """The same for every delivery of one message, so that mail programs and people can tell a duplicate."""
    host = urlsplit(settings.OPS_BASE_URL).hostname or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>"


def _refused(code: int, text: bytes | str) -> Outcome:
    answer = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if not 100 <= code < 1000:
        # smtplib's -1: it said something, and not what a mail server says.
        return Outcome(False, answer=answer, error=_("The mail server can't be reached: %(error)s") % {"error": answer})
    # Not signed in (530, 535, 538) is our own set-up: a person mends it, and then these mails shall go out.
    again = code < 500 or code in (530, 535, 538)
    return Outcome(False, status=code, answer=answer, error=_("The mail server refused it with %(code)s.") % {"code": code}, again=again)


CHANNEL = Channel("email", gettext_lazy("Email"), check, send, help_text=gettext_lazy("A mailbox, for example oncall@example.com."))
