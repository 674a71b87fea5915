from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalog.queries.alert import MOST_COUNTED, Figures
from opsportal.components import Tile


def tiles_of(figures: Figures) -> list[Tile]:
    """How the alerts stand, and what became of what they fired in the last 24 hours."""
    day = _("of the last 24 hours")
    failed_tone = "fail" if figures.failed else "ok"
    return [
        Tile(_("Active alerts"), _count(figures.active), "", "ok" if figures.active else "off", _("looked at"), _("every 15 minutes, 1,000 a run")),
        Tile(_("Sent"), _count(figures.sent), "", "ok", _("delivered"), day),
        Tile(_("Waiting"), _count(figures.waiting), "", "unknown" if figures.waiting else "ok", _("in the outbox"), day),
        Tile(_("Failed"), _count(figures.failed), "", failed_tone, _("not delivered") if figures.failed else _("none"), day, url=f"{reverse('alerts')}?undelivered=1"),
    ]  # fmt: skip


def _count(figure: int) -> str:
    return number_format(figure) if figure < MOST_COUNTED else f"{number_format(MOST_COUNTED)}+"
