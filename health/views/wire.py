"""Taking pings over HTTP. On the short way (opsportal.middleware): no session, no CSRF token, plain texts of the convention."""

import codecs
import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from health import actions
from health.actions.receive import BODY_LIMIT, Call
from health.address import BadAddress, parse, run_id
from opsportal.access import public
from opsportal.errors import Conflict, NotFound
from opsportal.logs import client_ip

log = logging.getLogger(__name__)
# Bytes. What sends still more is cut off by the server.
STEP, READ_ON = 64 * 1024, 64 * 1024 * 1024


@public
@csrf_exempt
@never_cache
@require_http_methods(["HEAD", "GET", "POST"])
def ping(request: HttpRequest, address: str) -> HttpResponseBase:
    """Whoever knows the address may ping: it is 122 random bits, or a ping key of 144."""
    try:
        target, said = parse(address)
        call = Call(said=said, rid=run_id(request.GET.get("rid")), **_sent(request))
        is_new = actions.receive_ping(target=target, call=call, create=request.GET.get("create") == "1")
    except BadAddress as error:
        return _answer(400, str(error))
    except UnreadablePostError:
        return _answer(400, "unreadable body")
    except (NotFound, Conflict) as error:
        return _answer(error.status, "ambiguous slug" if error.code == "ambiguous_slug" else "not found")
    except (OperationalError, InterfaceError):
        return _away()
    return _answer(201, "Created") if is_new else _answer(200, "OK")


def _away() -> HttpResponse:
    log.exception("a ping was not taken")
    response = _answer(503, "unavailable")
    response["Retry-After"] = "5"
    return response


def _answer(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers={"Ping-Body-Limit": str(BODY_LIMIT)})


def _sent(request: HttpRequest) -> dict[str, Any]:
    body, length, is_cut = _body(request)
    return {
        "body": body, "body_bytes": length, "is_cut": is_cut, "method": request.method, "address": client_ip(request) or None,
        "user_agent": _plain(request.headers.get("User-Agent", ""))[:200],
    }  # fmt: skip


def _body(request: HttpRequest) -> tuple[str, int | None, bool]:
    """(the first BODY_LIMIT bytes as text, how many came, whether that is not all). Never refused: a job that says much has still run."""
    in_chunks = hasattr(request, "_body")
    raw = request._body if in_chunks else request.read(BODY_LIMIT + 1)
    is_cut = len(raw) > BODY_LIMIT
    if is_cut:
        _read_on(request.META["wsgi.input"] if in_chunks else request)
    declared = request.META.get("CONTENT_LENGTH") or ""
    length = int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 16 else None if is_cut else len(raw)
    # Cut in the middle of a character, that character is left out; what is no UTF-8 becomes U+FFFD.
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(raw[:BODY_LIMIT], final=not is_cut)
    return _plain(text), length or None, is_cut


def _read_on(source: Any) -> None:
    """Take the rest off the connection, a little at a time: answered in the midst of sending, a client would not hear the answer."""
    try:
        for _step in range(READ_ON // STEP):
            if not source.read(STEP):
                return
    except Exception as error:
        # Each server has errors of its own for what breaks off. What is kept has come.
        log.info("the rest of a body can't be read: %s", type(error).__name__)


def _plain(text: str) -> str:
    # PostgreSQL stores neither NUL nor half a surrogate pair.
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
