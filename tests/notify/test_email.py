import email
import re
import smtplib
import socket
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from django.db import transaction

from notify import actions
from notify.actions.delivery import CLAIM
from notify.channels.email import SECONDS, message_id
from tests.factories import make_destination, make_message


class Mailbox:
    """A real SMTP server on 127.0.0.1. `refusal` is what it answers to a recipient, or after the text."""

    def __init__(self) -> None:
        self.mails: list[email.message.EmailMessage] = []
        self.refuse_recipient = self.refuse_text = ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.refuse_text:
            return self.refuse_text
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@contextmanager
def serving(mailbox):
    controller = Controller(mailbox, hostname="127.0.0.1", port=0)
    controller.port = _free_port()
    # In a thread: the browser's tests keep a loop running in theirs.
    starter = threading.Thread(target=controller.start)
    starter.start()
    starter.join(60)
    try:
        yield controller.port
    finally:
        controller.stop()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mailbox(settings):
    box = Mailbox()
    with serving(box) as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_USER, settings.EMAIL_USE_TLS = "127.0.0.1", port, "", False
        settings.DEFAULT_FROM_EMAIL, settings.OPS_BASE_URL = "ops@example.com", "https://ops.example.com"
        yield box


def deliver(**fields):
    message = make_message(**{"channel": "email", "address": "ana@example.com", "subject": "Olá", "body": "Preço: R$ 1"} | fields)
    actions.deliver_message(message_id=message.pk)
    message.refresh_from_db()
    return message


def test_mail_arrives_with_an_id_made_from_its_key(db, mailbox):
    message = deliver(key="alert-9", topic="alert")
    assert (message.state, message.error) == ("sent", "")
    (mail,) = mailbox.mails
    assert (mail["to"], mail["from"], mail["subject"], mail.get_content().strip()) == ("ana@example.com", "ops@example.com", "Olá", "Preço: R$ 1")
    assert (mail["message-id"], mail["auto-submitted"], mail["x-ops-topic"]) == (message_id("alert-9"), "auto-generated", "alert")
    assert re.fullmatch(r"<[0-9a-f]{32}@ops\.example\.com>", mail["message-id"])


def test_mail_sent_twice_has_one_id(db, mailbox):
    message = deliver()
    message.state, message.finished_at = "waiting", None
    message.save()
    actions.deliver_message(message_id=message.pk)
    assert [mail["message-id"] for mail in mailbox.mails] == [message_id(message.key)] * 2


def test_mail_to_a_destination_goes_to_its_address(db, mailbox):
    deliver(address="", destination=make_destination(channel="email", address="oncall@example.com"))
    assert mailbox.mails[0]["to"] == "oncall@example.com"


@pytest.mark.parametrize(
    ("where", "words", "state"),
    [
        ("refuse_recipient", "550 No such user", "dead"), ("refuse_recipient", "450 Greylisted", "waiting"), ("refuse_text", "554 Looks like spam", "dead"),
        ("refuse_text", "452 Disk full", "waiting"), ("refuse_recipient", "530 Sign in first", "waiting"),
    ],
)  # fmt: skip
def test_what_the_mail_server_says_decides(db, mailbox, where, words, state):
    setattr(mailbox, where, words)
    message, status = deliver(), int(words[:3])
    attempt = message.tries.get()
    assert (message.state, message.error, attempt.status, attempt.answer) == (state, f"The mail server refused it with {status}.", status, words[4:])


def test_mail_server_that_is_away_is_worth_another_try(db, mailbox, settings):
    settings.EMAIL_PORT = _free_port()
    message = deliver()
    assert (message.state, message.error) == ("waiting", "The mail server can't be reached: [Errno 111] Connection refused")


@contextmanager
def saying(greeting):
    """Something that is no mail server: it says its greeting and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet():
            connection, _address = server.accept()
            with connection:
                connection.sendall(greeting)

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(60)


def test_what_is_no_mail_server_is_worth_another_try(db, mailbox, settings):
    with saying(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        settings.EMAIL_PORT = port
        message = deliver()
    attempt = message.tries.get()
    assert (message.state, message.claimed_until, message.error) == ("waiting", None, "The mail server can't be reached: /1.1 400 Bad Request")
    assert (attempt.ok, attempt.status, attempt.answer) == (False, None, "/1.1 400 Bad Request")


def test_mail_server_that_hangs_up_is_worth_another_try(db, mailbox, monkeypatch):
    monkeypatch.setattr(smtplib.SMTP, "sendmail", lambda *args, **options: (_ for _ in ()).throw(smtplib.SMTPServerDisconnected("gone")))
    assert deliver().state == "waiting"


@contextmanager
def dripping(first):
    """Begins as it should and goes on a byte at a time, never to its end; `hung_up` once nobody listens any more."""
    hung_up = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            connection, _address = server.accept()
            with connection:
                try:
                    connection.sendall(first)
                    for _ in range(600):
                        connection.sendall(b"0")
                        time.sleep(0.05)
                except OSError:
                    hung_up.set()

        threading.Thread(target=drip, daemon=True).start()
        yield server.getsockname()[1], hung_up


@pytest.mark.parametrize("first", [b"220 mail.example.com ", b"\x16\x03\x03\x40\x00"], ids=["greeting", "TLS"])
def test_mail_server_that_drips_ends_at_the_deadline_before_the_claim_does(mailbox, settings, monkeypatch, db, first):
    assert timedelta(seconds=SECONDS) < CLAIM
    monkeypatch.setattr("notify.channels.email.SECONDS", 0.5)
    with dripping(first) as (port, hung_up):
        settings.EMAIL_PORT, settings.EMAIL_USE_SSL = port, not first.startswith(b"220")
        message = deliver()
        # Nor does it go on beside the next try.
        assert hung_up.wait(60)
    assert (message.state, message.error) == ("waiting", "The mail server can't be reached: It took longer than 0.5 s.")


def test_header_can_not_be_smuggled_in(db, mailbox):
    message = deliver(subject="a\nBcc: x@example.com")
    assert (message.state, mailbox.mails) == ("waiting", [])


def test_secret_text_is_sent_and_then_removed(transactional_db, mailbox):
    with transaction.atomic():
        message = actions.enqueue_email(topic="account", subject="Reset", body="https://x/reset/abc", key="r-1", to="a@example.com", is_secret=True)
    actions.deliver_message(message_id=message.pk)
    message.refresh_from_db()
    assert (message.state, message.body) == ("sent", "")
    assert mailbox.mails[0].get_content().strip() == "https://x/reset/abc"
