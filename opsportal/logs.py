"""Structured logging: one JSON object a line on standard error; in development, readable lines."""

import sys
from typing import Any

import structlog
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest
from django_structlog import signals

SHARED = [
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

_renderer = structlog.dev.ConsoleRenderer(colors=False) if sys.stderr.isatty() else structlog.processors.JSONRenderer()

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"structured": {"()": structlog.stdlib.ProcessorFormatter, "processor": _renderer, "foreign_pre_chain": SHARED}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # django_structlog says the same with the request's id; a refused permission is no error.
        "django.request": {"level": "CRITICAL"},
        "django_structlog": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "psycopg.pool": {"level": "ERROR"},
    },
}


def client_ip(request: HttpRequest) -> str:
    """The address of the client, seen through OPS_PROXIES proxies of ours; a header from farther out is not believed."""
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if settings.OPS_PROXIES and len(forwarded) >= settings.OPS_PROXIES:
        return forwarded[-settings.OPS_PROXIES]
    return str(request.META.get("REMOTE_ADDR", ""))


@receiver(signals.bind_extra_request_metadata)
def bind_ip(request: HttpRequest, **kwargs: object) -> None:
    structlog.contextvars.bind_contextvars(ip=client_ip(request))
