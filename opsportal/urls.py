"""The composition root: every app's routes."""

from django.urls import include, path

from accounts.api import routes
from accounts.views.account import choose_language
from opsportal import errorpages
from opsportal.api import api, docs, openapi
from switches.ofrep_urls import urlpatterns as ofrep

urlpatterns = [
    # First, because the product asks before everything it does; the others are looked through in order.
    *ofrep,
    path("language/", choose_language, name="set_language"),
    path("", include("opsportal.pages")),
    path("", include("health.urls")),
    path("accounts/", include("accounts.door_urls")),
    path("ops/access/", include("accounts.urls")),
    path("ops/audit/", include("audit.urls")),
    path("ops/switches/", include("switches.urls")),
    path("ops/jobs/", include("jobs.urls")),
    path("ops/notify/", include("notify.urls")),
    path("ops/", include("review.today_urls")),
    path("ops/beta/", include("beta.urls")),
    path("ops/catalog/imports/", include("catalog.urls.imports")),
    path("ops/catalog/", include("catalog.urls.catalog")),
    path("ops/offers/", include("catalog.urls.offers")),
    path("ops/feed/", include("catalog.urls.feed")),
    path("ops/reviews/", include("review.urls")),
    path("ops/billing/webhooks/", include("billing.urls.webhooks")),
    path("ops/billing/effects/", include("billing.urls.effects")),
    path("ops/billing/findings/", include("billing.urls.findings")),
    path("ops/billing/plans/", include("billing.urls.plans")),
    path("ops/billing/providers/", include("billing.urls.providers")),
    path("ops/billing/", include("billing.urls.desk")),
    path("api/webhooks/", include("billing.urls.intake")),
    path("api/docs", docs, name="api_docs"),
    path("api/openapi.json", openapi, name="openapi"),
    path("api/", routes(api)),
]

handler400 = errorpages.bad_request
handler403 = errorpages.permission_denied
handler404 = errorpages.page_not_found
handler500 = errorpages.server_error
