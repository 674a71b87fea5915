"""/ops/billing/findings/: where the sides disagree."""

from django.urls import path

from billing.views import finding

urlpatterns = [
    path("", finding.findings, name="billing_findings"),
    path("<int:finding_id>/handle/", finding.handle, name="billing_finding_handle"),
]
