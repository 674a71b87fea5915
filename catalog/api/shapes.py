"""Fields that the catalog's API shares, and answers that a client may ask for again."""

import hashlib
import json
from typing import Annotated, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags, quote_etag
from ninja import Path, Query, Schema
from pydantic import ConfigDict, Field, StringConstraints

from accounts.api import ApiKeyAuth
from opsportal.api_schema import Line

CATALOG, HOUSEHOLDS = ApiKeyAuth("catalog"), ApiKeyAuth("households")
BIGGEST_ID = 2**63 - 1
MOST_AMOUNT = 10**15

# A number is a number here: neither "100" nor true is one.
Id = Annotated[int, Field(strict=True, ge=1, le=BIGGEST_ID)]
Amount = Annotated[int, Field(strict=True, ge=1, le=MOST_AMOUNT, description="Minor units: 6490 is R$ 64,90.")]
Percent = Annotated[int, Field(strict=True, ge=1, le=99)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Category = Annotated[Line, StringConstraints(min_length=1, max_length=60)]

PathId = Annotated[int, Path(ge=1, le=BIGGEST_ID)]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str, Query(max_length=500, description="`next` of the page before.")]


class Body(Schema):
    """A field that nobody knows is a slip, and is said to be one."""

    model_config = ConfigDict(extra="forbid")


def conditional(request: HttpRequest, answer: dict[str, Any]) -> HttpResponse:
    """The answer with an ETag of what it says; 304 without a body for a client that has it already (RFC 9110, 13.1.2)."""
    body = json.dumps(answer, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    # Compared weakly: a proxy that compresses marks the ETag as weak.
    known = {each.removeprefix("W/") for each in parse_etags(request.headers.get("If-None-Match", ""))}
    response = HttpResponse(status=304) if known & {etag, "*"} else HttpResponse(body, content_type="application/json")
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    return response
