"""A short way for programs: calls with an API key need no session, no CSRF, no messages and no compression of two hundred bytes.

`ShortWay` stands before the middleware for pages, `ShortWayEnd` behind it. Django builds the chain from its end, so when
`ShortWay` is made, the view that its end leads to is known.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from opsportal.problem import problem

# Only routes that authenticate every call by a key in its header or its address: nothing here has a user.
PREFIXES = ("/api/beta/", "/api/billing/", "/api/catalog/", "/api/internal/", "/api/support/", "/api/webhooks/", "/ofrep/", "/ping/")
# Their views deal with a body that is too long: a ping's is cut, as a job that says much has still run; OFREP has a shape of its own for refusals.
DEAL_WITH_LONG = ("/ping/", "/ofrep/")

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
_built: list[GetResponse] = []


class ShortWay:
    def __init__(self, get_response: GetResponse) -> None:
        self.long_way = get_response
        self.view = _built.pop()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIXES):
            return self.long_way(request)
        if (refusal := _take_chunks(request)) is not None:
            return refusal
        translation.activate(translation.get_language_from_request(request))
        response = self.view(request)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


def _take_chunks(request: HttpRequest) -> HttpResponse | None:
    """Read a body that comes in chunks: without a Content-Length, Django takes it for empty. Refuses one that is too large or broken."""
    if request.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return None
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    try:
        request._body = request.META["wsgi.input"].read(most + 1)
    except Exception as error:
        # Each server has errors of its own for chunks that break off or are none.
        log.info("a body in chunks can't be read: %s", type(error).__name__)
        return problem(request, 400, "unreadable_body")
    if len(request._body) <= most or request.path.startswith(DEAL_WITH_LONG):
        return None
    return problem(request, 413, "too_large", _("The body is larger than 1 MB."))


class ShortWayEnd:
    def __init__(self, get_response: GetResponse) -> None:
        _built.append(get_response)
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
