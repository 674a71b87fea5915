"""/ops/billing/plans/: what customers can have."""

from django.urls import path

from billing.views import plan

urlpatterns = [
    path("", plan.plans, name="billing_plans"),
    path("new/", plan.create, name="billing_plan_create"),
    path("<int:plan_id>/edit/", plan.edit, name="billing_plan_edit"),
]
