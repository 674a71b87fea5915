"""/ops/billing/effects/: what each type of event does."""

from django.urls import path

from billing.views import webhook_list

urlpatterns = [path("", webhook_list.effects, name="billing_effects")]
