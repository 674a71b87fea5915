"""Reading the environment strictly: a value that means nothing stops the start with one line, never with a default."""

import os
import socket
from collections.abc import Mapping
from datetime import datetime, time, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ


class Env(StrEnum):
    DEV = "dev"
    TEST = "test"
    PRODUCTION = "production"


_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}

_env = environ.Env()
T = TypeVar("T", bound=StrEnum)


def refuse(name: str, why: str) -> NoReturn:
    """End the process with one clear line."""
    raise SystemExit(f"{name}: {why}")


def default(values: Mapping[str, str]) -> None:
    """For what the environment doesn't say."""
    for name, value in values.items():
        os.environ.setdefault(name, value)


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def boolean(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in _TRUE:
        return True
    if value.strip().lower() in _FALSE:
        return False
    refuse(name, f"“{value}” is neither true nor false.")


def integer(name: str, default: int, *, least: int, most: int) -> int:
    value = text(name) or str(default)
    if value.isascii() and value.isdigit() and least <= int(value) <= most:
        return int(value)
    refuse(name, f"“{value}” is not a whole number between {least} and {most}.")


def one_of(name: str, kind: type[T], default: T) -> T:
    value = text(name) or default.value
    try:
        return kind(value)
    except ValueError:
        refuse(name, f"“{value}” is none of {', '.join(kind)}.")


def time_zone(name: str, default: str) -> str:
    value = text(name) or default
    try:
        _zone: tzinfo = ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        refuse(name, f"“{value}” is not a time zone; write one like America/Sao_Paulo.")
    return value


def hour(name: str, default: str) -> time:
    """A time of day, “09:00”."""
    value = text(name, default)
    try:
        return datetime.strptime(value, "%H:%M").time()
    except ValueError:
        refuse(name, f"“{value}” is no time of day like 09:00.")


def folder(name: str, default: Path) -> Path:
    value = Path(text(name) or default).expanduser().absolute()
    if value.exists() and not value.is_dir():
        refuse(name, f"{value} is not a folder.")
    return value


def database(name: str, default: str) -> dict[str, object]:
    """Django's settings of one PostgreSQL database from a URL."""
    url = text(name) or default
    if not url.startswith(("postgres://", "postgresql://")):
        refuse(name, "it must begin with postgresql://; the portal runs on PostgreSQL only.")
    try:
        return dict(_env.db_url_config(url))
    except (ValueError, environ.ImproperlyConfigured) as error:
        refuse(name, f"not a database URL: {error}")


def broker(name: str, default: str) -> str:
    url = text(name) or default
    if not url.startswith(("redis://", "rediss://", "redis+socket://", "unix://")):
        refuse(name, "it must begin with redis://, rediss:// or unix://.")
    return url.replace("unix://", "redis+socket://", 1)


def address(name: str, default: str) -> str:
    """An http(s) address without a slash at its end; empty if there is none."""
    value = text(name) or default
    try:
        parts = urlsplit(value)
        usable = not value or (
            parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment and parts.port != 0
        )
    except ValueError:
        usable = False
    return value.rstrip("/") if usable else refuse(name, f"“{value}” is not an address; write one like https://api.example.com.")


def email(name: str, default: str) -> dict[str, object]:
    try:
        return dict(_env.email_url_config(text(name) or default))
    except (KeyError, ValueError, environ.ImproperlyConfigured):
        refuse(name, "not an email URL; write one like smtp+tls://user:password@host:587.")


def host_name() -> str:
    return text("OPS_INSTANCE") or socket.gethostname()
