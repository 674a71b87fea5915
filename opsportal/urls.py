"""The composition root: every app's routes."""

from django.urls import include, path

from opsportal import errorpages

urlpatterns = [
    path("", include("opsportal.pages")),
    path("accounts/", include("allauth.urls")),
    path("ops/access/", include("accounts.urls")),
    path("ops/audit/", include("audit.urls")),
    path("ops/beta/", include("beta.urls")),
]

handler400 = errorpages.bad_request
handler403 = errorpages.permission_denied
handler404 = errorpages.page_not_found
handler500 = errorpages.server_error
