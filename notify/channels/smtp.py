"""Sending a mail within a deadline. Django's EMAIL_TIMEOUT is for each read and write: a server that drips never meets it."""

import smtplib
import socket
import threading
from contextlib import suppress
from functools import partial
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends import smtp
from django.utils.translation import gettext as _


def send_within(seconds: float, mail: EmailMessage) -> None:
    """Raises TimeoutError after so many seconds, names and connections included, and what the mail's backend raises."""
    talk = _Talk()
    mail.connection = get_connection()
    if isinstance(mail.connection, smtp.EmailBackend):
        mail.connection = _Backend(talk)
    problems: list[Exception] = []

    def send() -> None:
        try:
            mail.send()
        except Exception as error:
            problems.append(error)

    thread = threading.Thread(target=send, name="mail", daemon=True)
    thread.start()
    thread.join(seconds)
    is_late = thread.is_alive()
    talk.end()
    if is_late:
        raise TimeoutError(_("It took longer than %(seconds)s s.") % {"seconds": f"{seconds:g}"})
    if problems:
        raise problems[0]


class _Talk:
    """What is said to one server. After its end nothing more is: a mail that goes out late would be sent beside its next try."""

    def __init__(self) -> None:
        self._lock, self._is_over = threading.Lock(), False
        self._socket: socket.socket | None = None

    def hold(self, opened: socket.socket) -> socket.socket:
        with self._lock:
            if self._is_over:
                opened.close()
                raise TimeoutError
            # A second handle on the connection: TLS takes the first one over.
            self._socket = opened.dup()
        return opened

    def end(self) -> None:
        with self._lock:
            self._is_over = True
            if self._socket is not None:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
                self._socket.close()


class _Backend(smtp.EmailBackend):
    def __init__(self, talk: _Talk) -> None:
        super().__init__()
        self._talk = talk

    @property
    def connection_class(self) -> Any:
        return partial(_Tls if self.use_ssl else _Plain, talk=self._talk)


class _Plain(smtplib.SMTP):
    def __init__(self, *values: Any, talk: _Talk, **options: Any) -> None:
        self._talk = talk
        super().__init__(*values, **options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._talk.hold(super()._get_socket(host, port, timeout))  # type: ignore[misc]


class _Tls(smtplib.SMTP_SSL, _Plain):
    """SMTP_SSL wraps the socket that _Plain gets."""

    def __init__(self, *values: Any, talk: _Talk, **options: Any) -> None:
        self._talk = talk
        smtplib.SMTP_SSL.__init__(self, *values, **options)
