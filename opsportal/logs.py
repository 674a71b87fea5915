"""Structured logging: one JSON object a line on standard error; in development, readable lines. Never a secret in them."""

import ipaddress
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest
from django_structlog import signals

from opsportal.masking import masked, scrubbed

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
]

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *SHARED,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)


def without_secrets(logger: object, name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """The last step before writing: whatever a call, an exception or a library has put into the line."""
    return {key: _scrub(value) for key, value in masked(event).items()}


def _scrub(value: Any) -> Any:
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, dict):
        return {key: _scrub(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_scrub(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else scrubbed(repr(value))


_renderer = structlog.dev.ConsoleRenderer(colors=False) if sys.stderr.isatty() else structlog.processors.JSONRenderer()

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": SHARED,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without_secrets,
                _renderer,
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # django_structlog says the same with the request's id; a refused permission is no error.
        "django.request": {"level": "CRITICAL"},
        "django_structlog": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
        # A line for every message and tick; what a job did stands in its [JOB] lines.
        "celery": {"level": "WARNING"},
        "psycopg.pool": {"level": "ERROR"},
        # It warns of every HEAD that Django answers, and then does what is right.
        "gunicorn.http.wsgi": {"level": "ERROR"},
    },
}


def client_ip(request: HttpRequest) -> str:
    """The address of the client, seen through OPS_PROXIES proxies of ours; a header from farther out is not believed.

    "" where there is none: a socket has no address, and a proxy may pass on a word that is not one.
    """
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if settings.OPS_PROXIES and len(forwarded) >= settings.OPS_PROXIES:
        return _address(forwarded[-settings.OPS_PROXIES])
    return _address(str(request.META.get("REMOTE_ADDR", "")))


def _address(text: str) -> str:
    # Some proxies add the port: 203.0.113.7:5122, [2001:db8::7]:5122.
    bare = text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0] if text.count(":") == 1 else text
    try:
        return str(ipaddress.ip_address(bare.partition("%")[0]))
    except ValueError:
        return ""


@receiver(signals.bind_extra_request_metadata)
def bind_ip(request: HttpRequest, **kwargs: object) -> None:
    structlog.contextvars.bind_contextvars(ip=client_ip(request))
