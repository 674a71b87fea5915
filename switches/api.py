"""Switches for the product, over OFREP. Plain views on the short way: a product asks before every price it looks up."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.http import parse_etags

from accounts.actions.client import hash_of
from accounts.api import raw_key
from accounts.queries import Caller, authenticate_key
from switches import forced, ofrep, snapshot
from switches.ofrep import Answers, BadRequest, Value
from switches.readers import notebook
from switches.snapshot import keeper

SCOPE = "flags"
LONGEST_KEY = 200
Evaluate = Callable[..., HttpResponse]


def _answer(body: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")


def _bare(status: int, **headers: str) -> HttpResponse:
    """Without a body, as OFREP wants 401 and 403, and HTTP 304."""
    response = HttpResponse(status=status, headers=headers)
    del response["Content-Type"]
    return response


def for_readers(view: Evaluate) -> Evaluate:
    """POST from programs with a key of the scope; other origins' browsers only where the settings name them."""

    @wraps(view)
    def guarded(request: HttpRequest, **arguments: str) -> HttpResponse:
        if request.method == "OPTIONS" and _origin(request):
            response = _preflight()
        elif request.method != "POST":
            response = _bare(405, Allow="POST")
        else:
            response = _evaluated(view, request, arguments)
        return _with_origin(request, response)

    guarded.csrf_exempt = True  # type: ignore[attr-defined]  # by API key, not by cookie
    guarded.login_required = False  # type: ignore[attr-defined]
    guarded.is_api = True  # type: ignore[attr-defined]
    return guarded


def _evaluated(view: Evaluate, request: HttpRequest, arguments: dict[str, str]) -> HttpResponse:
    raw = raw_key(request)
    status, caller, answers = _admitted(raw) if raw else (401, None, None)
    if answers is None:
        return _bare(status, **({"WWW-Authenticate": 'Bearer realm="ops"'} if status == 401 else {}))
    try:
        ofrep.check_body(_body(request))
    except BadRequest as error:
        return _answer(ofrep.failure(error.code, error.details, arguments.get("key")), 400)
    except RequestDataTooBig:
        return _answer(ofrep.failure(ofrep.PARSE_ERROR, "The body is larger than 1 MB.", arguments.get("key")), 413)
    except UnreadablePostError:
        return _answer(ofrep.failure(ofrep.PARSE_ERROR, "The body did not arrive.", arguments.get("key")), 400)
    return view(request, caller=caller, answers=answers, **arguments)


def _body(request: HttpRequest) -> bytes:
    # Django checks the length that is declared; what came in chunks has none.
    if len(request.body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig
    return request.body


def _admitted(raw: str) -> tuple[int, Caller | None, Answers | None]:
    """(status, who calls, what they may be told). A key that nobody can check while the database is away gets the safe values."""
    fresh = keeper.fresh()
    known = fresh or keeper.last
    caller = known.keys.get(hash_of(raw)) if known and raw.isascii() else None
    if fresh is None:
        return 200, caller, snapshot.without_database(caller is not None)
    if caller is None:
        # Unknown, without the scope, or made a moment ago.
        try:
            caller = authenticate_key(raw)
        except (DatabaseError, InterfaceError):
            return 200, None, snapshot.without_database(False)
        if caller is None or SCOPE not in caller.scopes:
            return 401 if caller is None else 403, None, None
    return 200, caller, fresh.answers


@for_readers
def evaluate(request: HttpRequest, *, key: str, caller: Caller | None, answers: Answers) -> HttpResponse:
    """One switch."""
    body = answers.singles.get(key)
    if body is None:
        if answers.is_blind and forced.NAME.fullmatch(key):
            return _answer(ofrep.dumped(ofrep.success(Value(key, False))))
        return _answer(ofrep.failure(ofrep.FLAG_NOT_FOUND, "There is no such switch.", key[:LONGEST_KEY]), 404)
    if caller and (told := answers.told.get(key)) is not None:
        notebook.read_one(caller, key, told)
    return _answer(body)


@for_readers
def evaluate_all(request: HttpRequest, *, caller: Caller | None, answers: Answers) -> HttpResponse:
    """All of them; 304 while nothing has changed since the answer whose ETag comes back. Compared weakly, as If-None-Match is."""
    if caller:
        notebook.read_all(caller, answers.etag, answers.told)
    known = request.headers.get("If-None-Match", "")
    is_known = bool(known) and answers.etag in (etag.removeprefix("W/") for etag in parse_etags(known))
    response = _bare(304) if is_known else _answer(answers.bulk)
    response["ETag"], response["Cache-Control"] = answers.etag, "no-cache"
    return response


def _origin(request: HttpRequest) -> str:
    """The other origin that the call comes from, if it is one of OPS_FLAG_ORIGINS."""
    origin = str(request.META.get("HTTP_ORIGIN", ""))
    return origin if origin and origin in settings.OPS_FLAG_ORIGINS else ""


def _preflight() -> HttpResponse:
    headers = {
        "Access-Control-Allow-Methods": "POST", "Access-Control-Max-Age": "600",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match, X-API-Key",
    }  # fmt: skip
    return _bare(204, **headers)


def _with_origin(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if settings.OPS_FLAG_ORIGINS:
        response["Vary"] = "Origin"
        if origin := _origin(request):
            response["Access-Control-Allow-Origin"], response["Access-Control-Expose-Headers"] = origin, "ETag"
    return response
