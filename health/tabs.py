from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TABS = (("probes", _("Probes"), "health_probes"), ("pings", _("Pings"), "health_pings"))


def tabs(current: str) -> list[tuple[str | Promise, str, bool]]:
    """(label, address, whether it is this page)."""
    return [(label, reverse(name), key == current) for key, label, name in TABS]
