"""Where the providers send to. On the short way (opsportal.middleware): no session, no CSRF token."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from billing.intake.answering import answer
from billing.states import ProviderName
from opsportal.access import public
from opsportal.problem import problem


@public
@csrf_exempt
def stripe(request: HttpRequest) -> HttpResponse:
    return answer(request, ProviderName.STRIPE.value) if request.method == "POST" else _only_post(request)


@public
@csrf_exempt
def mercadopago(request: HttpRequest) -> HttpResponse:
    return answer(request, ProviderName.MERCADOPAGO.value) if request.method == "POST" else _only_post(request)


def _only_post(request: HttpRequest) -> HttpResponse:
    response = problem(request, 405, "method_not_allowed", _("Webhooks are sent with POST."))
    response["Allow"] = "POST"
    return response
