"""Errors that actions raise. Pages show `detail`; the API answers problem+json (RFC 9457) with `status`, `code` and the figures."""

from typing import Any

from django.utils.functional import Promise

Text = str | Promise


class OpsError(Exception):
    """A refusal with its reason in words. `facts` are JSON scalars: the figures behind the refusal."""

    status = 400
    code = "invalid"

    def __init__(self, detail: Text = "", *, code: str = "", **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.facts = facts

    def __str__(self) -> str:
        return str(self.detail)


class Invalid(OpsError):
    """The input makes no sense; `field` names the one at fault where there is one."""

    status = 422

    def __init__(self, detail: Text = "", *, field: str = "", **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.field = field


class NotFound(OpsError):
    status = 404
    code = "not_found"


class Unauthenticated(OpsError):
    """Nobody is known by the key that came with the call, or none came."""

    status = 401
    code = "unauthenticated"


class Forbidden(OpsError):
    status = 403
    code = "forbidden"


class Conflict(OpsError):
    """The thing is not, or no longer, in a state that allows the act."""

    status = 409
    code = "conflict"


class TooMany(OpsError):
    """Too many tries; the next one is looked at after `retry_after` seconds."""

    status = 429
    code = "too_many"

    def __init__(self, detail: Text = "", *, retry_after: int, **facts: Any) -> None:
        super().__init__(detail, retry_after=retry_after, **facts)


class Unavailable(OpsError):
    """Something the answer depends on is out of reach; the caller must treat it as “no”."""

    status = 503
    code = "unavailable"
