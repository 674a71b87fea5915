"""What users write to support, passed on by programs. Shapes and refusals: docs/api.md."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Header, Router, Schema
from pydantic import AwareDatetime, Field, StringConstraints

from accounts.api import ApiKeyAuth
from beta.actions import record_message
from beta.actions.support_intake import LONGEST, Written
from beta.models import SupportMessage
from opsportal.api_schema import Body, Line, conditional, problems
from opsportal.errors import NotFound

router = Router(tags=["support"], auth=ApiKeyAuth("support"))

Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x20-\x7e]+$")]
# With its line breaks; PostgreSQL stores no NUL.
Words = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST["body"], pattern=r"^[^\x00]*$")]


class NewMessage(Body):
    """`contact`: an email address or a handle. One of it and `household_key` is needed. `kind` null: the thread's, or a question."""

    body: Words
    channel: SupportMessage.Channel
    contact: Annotated[Line, StringConstraints(max_length=LONGEST["contact"])] = ""
    household_key: Annotated[Line, StringConstraints(max_length=LONGEST["household_key"])] = ""
    subject: Annotated[Line, StringConstraints(max_length=LONGEST["subject"])] = ""
    kind: SupportMessage.Kind | None = None
    thread: Annotated[Line, StringConstraints(max_length=LONGEST["thread"])] = ""
    received_at: Annotated[AwareDatetime | None, Field(description="When the user wrote it. Left out: now.")] = None


class MessageOut(Schema):
    """How it stands. `household_id` null: nobody is known by that name or address."""

    id: UUID
    state: SupportMessage.State
    kind: SupportMessage.Kind
    channel: SupportMessage.Channel
    thread: str
    household_id: UUID | None
    received_at: datetime
    first_answered_at: datetime | None
    answered_at: datetime | None


@router.post(
    "/messages", response={201: MessageOut, 200: MessageOut, **problems(400, 401, 403, 409, 413, 422, 503)}, url_name="support_api_messages",
    summary="Pass on what a user wrote",
)  # fmt: skip
def add_message(request: HttpRequest, body: NewMessage, idempotency_key: Key) -> HttpResponse:
    """201; 200 and the message as it stands when the same client passed exactly this on before · 409 message_mismatch: the key came with
    another message. The sender's own number of the message makes a good key."""
    client = request.api_client  # type: ignore[attr-defined]
    said = body.model_dump() | {"channel": str(body.channel), "kind": str(body.kind or ""), "body": _lines(body.body)}
    kept, is_new = record_message(actor=client.actor, message=Written(**said), idempotency_key=idempotency_key, client_id=client.id)
    return JsonResponse(shape(kept), status=201 if is_new else 200)


@router.get(
    "/messages/{uuid:support_id}", response={200: MessageOut, 304: None, **problems(401, 403, 404, 503)}, url_name="support_api_message",
    summary="How a message stands",
)  # fmt: skip
def one_message(request: HttpRequest, support_id: UUID) -> HttpResponse:
    """Of those that this client passed on, with an ETag · 404 message_unknown."""
    client = request.api_client  # type: ignore[attr-defined]
    found = SupportMessage.objects.filter(pk=support_id, client_id=client.id).first()
    if found is None:
        raise NotFound(_("There is no such message."), code="message_unknown")
    return conditional(request, shape(found))


def _lines(text: str) -> str:
    """Line breaks as one character, however the sender's system writes them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shape(message: SupportMessage) -> dict[str, Any]:
    return {name: getattr(message, name) for name in MessageOut.model_fields}
