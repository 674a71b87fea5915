"""Requests as the web server hands them to the application, without a socket in between."""

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.pages.desks import Desk, sitting_at


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, and the seconds that it took from the request to its last byte."""

    status: int
    content_type: str
    body: bytes
    seconds: float


class Browser:
    """One CTO, signed in at each desk, with a sign-in that counts as fresh for as long as this lasts."""

    def __init__(self) -> None:
        from django.core.wsgi import get_wsgi_application

        self.application = get_wsgi_application()

    def sign_in(self, desk: Desk) -> None:
        from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
        from django.conf import settings
        from django.test import Client

        from accounts.models import Person

        with sitting_at(desk):
            person = Person.objects.create(email="cto@example.com", name="Ana", role="cto", second_factor=True)
            client = Client(headers={"host": "localhost"})
            client.force_login(person)
            session = client.session
            session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() + 3600, "email": person.email}]
            session.save()
            desk.cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    def get(self, desk: Desk, path: str) -> Page:
        path, _mark, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "HTTP_COOKIE": desk.cookie, "HTTP_ACCEPT": "text/html",
            "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0),
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip
        said: list[tuple[str, dict[str, str]]] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
            said.append((status, dict(headers)))
            return lambda data: None

        with sitting_at(desk):
            began = time.perf_counter()
            answer = self.application(environ, start)
            body = b"".join(answer)
            answer.close()
            seconds = time.perf_counter() - began
        status, headers = said[-1]
        return Page(int(status.split()[0]), headers.get("Content-Type", ""), body, seconds)

    def queries(self, desk: Desk, path: str) -> int:
        """How many statements the page sends."""
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(desk.connection) as caught:
            self.get(desk, path)
        return len(caught)
