from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BillingAction(TextChoices):
    RECORD_CHECKOUT = "RECORD_CHECKOUT", _("recorded a checkout")
    LINK_CHECKOUT = "LINK_CHECKOUT", _("linked a checkout to its customer")
    SETTLE_PAYMENT = "SETTLE_PAYMENT", _("took over what the provider says")
    RECONCILE_CHECKOUT = "RECONCILE_CHECKOUT", _("reconciled a checkout")
    HANDLE_CHECKOUT = "HANDLE_CHECKOUT", _("marked a checkout as handled")
    GRANT_PLAN = "GRANT_PLAN", _("gave a plan by hand")
    END_GRANT = "END_GRANT", _("ended a plan")
    UPSERT_PLAN = "UPSERT_PLAN", _("wrote a plan")
    RESEND_CALLBACK = "RESEND_CALLBACK", _("told the product again")
    REPLAY_EVENT = "REPLAY_EVENT", _("had a webhook event processed again")
    HANDLE_EVENT = "HANDLE_EVENT", _("marked a webhook event as handled")
    HANDLE_FINDING = "HANDLE_FINDING", _("marked a finding as handled")
