"""/ops/billing/: checkouts and what became of them."""

from django.urls import path

from billing.views import checkout, checkout_list, grant

urlpatterns = [
    path("", checkout_list.billing, name="billing"),
    path("checkouts/<str:checkout_id>/", checkout.checkout, name="billing_checkout"),
    path("checkouts/<str:checkout_id>/reconcile/", checkout.reconcile, name="billing_checkout_reconcile"),
    path("checkouts/<str:checkout_id>/handle/", checkout.handle, name="billing_checkout_handle"),
    path("checkouts/<str:checkout_id>/resend/", grant.resend, name="billing_checkout_resend"),
    path("checkouts/<str:checkout_id>/grant/", grant.give, name="billing_checkout_grant"),
    path("checkouts/<str:checkout_id>/grants/<int:grant_id>/end/", grant.end, name="billing_checkout_end_grant"),
]
