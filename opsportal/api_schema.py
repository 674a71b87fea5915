"""Shapes that every API of the portal shares."""

from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from ninja import Schema
from pydantic import AfterValidator, ConfigDict, StringConstraints, WithJsonSchema


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


def problems(*statuses: int) -> dict[int, Any]:
    """For ninja's `response`: these statuses answer with a Problem."""
    return dict.fromkeys(statuses, Problem)
