"""Shapes that every API of the portal shares, and answers that a client may ask for again."""

import hashlib
import json
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags, quote_etag
from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, WithJsonSchema


class Problem(Schema):
    """application/problem+json, RFC 9457; `code` says which refusal it is, and its figures stand beside it."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str


def _email(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        raise ValueError("not an email address") from None
    return value


# PostgreSQL stores no NUL; other control characters have no business in names.
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, pattern=PRINTABLE)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_email), WithJsonSchema({"type": "string", "format": "email", "maxLength": 200})]  # fmt: skip


# A number is a number here: neither "100" nor true is one.
MOST_AMOUNT = 10**15
Amount = Annotated[int, Field(strict=True, ge=1, le=MOST_AMOUNT, description="Minor units: 6490 is R$ 64,90.")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Body(Schema):
    """A field that nobody knows is a slip, and is said to be one."""

    model_config = ConfigDict(extra="forbid")


def problems(*statuses: int) -> dict[int, Any]:
    """For ninja's `response`: these statuses answer with a Problem."""
    return dict.fromkeys(statuses, Problem)


def conditional(request: HttpRequest, answer: dict[str, Any]) -> HttpResponse:
    """The answer with an ETag of what it says; 304 without a body for a client that has it already (RFC 9110, 13.1.2)."""
    body = json.dumps(answer, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    # Compared weakly: a proxy that compresses marks the ETag as weak.
    known = {each.removeprefix("W/") for each in parse_etags(request.headers.get("If-None-Match", ""))}
    response = HttpResponse(status=304) if known & {etag, "*"} else HttpResponse(body, content_type="application/json")
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    return response
