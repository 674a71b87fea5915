"""Ways out of the portal. A channel registers itself in notify's apps.py; nothing else knows which there are."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a channel is handed: `secrets` are the live ones in the clear, newest first; `body` is sent byte for byte."""

    message_id: str
    key: str
    topic: str
    address: str
    subject: str
    body: str
    secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Parcel({self.key})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went. `error` is in words; `again` says whether another try makes sense; `retry_after` is in seconds."""

    ok: bool
    status: int | None = None
    answer: str = ""
    error: str = ""
    again: bool = True
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """`check` gives an address as it is kept, and raises Invalid for one that can't be meant; `send` never raises for what the
    outside does; `shown` gives an address without what may be secret in it."""

    name: str
    label: Text
    check: Callable[[str], str]
    send: Callable[[Parcel], Outcome]
    shown: Callable[[str], str] = str
    is_signed: bool = False
    help_text: Text = ""
    # False: only code sends by it, to the one address it knows.
    has_destinations: bool = True


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    _channels[channel.name] = channel


def get(name: str) -> Channel | None:
    return _channels.get(name)


def label_of(name: str) -> str:
    """What people call a channel; its bare name for one that is not there any more."""
    return str(_channels[name].label) if name in _channels else name


def shown(name: str, address: str) -> str:
    """An address as pages and the audit log may have it."""
    return _channels[name].shown(address) if name in _channels else ""


def for_destinations() -> list[Channel]:
    return [channel for channel in _channels.values() if channel.has_destinations]


def choices() -> list[tuple[str, Text]]:
    return [(channel.name, channel.label) for channel in _channels.values()]
