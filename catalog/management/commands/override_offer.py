from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.actors import Actor
from catalog.actions import override_offer, revert_override
from catalog.fields import Field, Value, in_words
from catalog.models import Availability, Offer
from catalog.queries.override import Layer, layer_for
from catalog.reading.money import minor_units
from catalog.reading.result import Unreadable
from opsportal import clock
from opsportal.errors import OpsError

NONE = "none"


class Command(BaseCommand):
    help = "Override what is shown of an offer, or revert it: the same act as on the offer's page, for when the site is down."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("offer_id", type=int, help="the number at the end of the offer's address")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--price", help="for example 64.90, in the offer's currency")
        what.add_argument("--list-price", help=f"the same; “{NONE}” says that there is no list price")
        what.add_argument("--availability", choices=Availability.values)
        what.add_argument("--revert", choices=Field.values, metavar="FIELD", help="show again what the store says: price, list_price or availability")
        parser.add_argument("--reason", default="", help="why; it stands beside the price and in the audit log. Needed unless you revert")
        parser.add_argument("--days", type=int, help="for so many days; without it, until somebody reverts it")
        parser.add_argument("--evidence", default="", help="a web address that shows it")

    def handle(self, *args: Any, **options: Any) -> None:
        offer = Offer.objects.filter(pk=options["offer_id"]).first()
        if offer is None:
            raise CommandError(_("There is no such offer."))
        field = next(field for field in Field.values if options["revert"] == field or options[field] is not None)
        try:
            if options["revert"]:
                self._revert(layer_for(offer, field), options["reason"])
            else:
                self._override(offer, field, options)
        except OpsError as error:
            raise CommandError(str(error)) from error
        offer.refresh_from_db()
        layer = layer_for(offer, field)
        self.stdout.write(_("%(offer)s: %(field)s %(value)s is shown.") % {"offer": offer, "field": layer.label, "value": layer.shown_words})

    def _revert(self, layer: Layer, reason: str) -> None:
        if layer.override is None:
            raise CommandError(_("Nothing overrides it."))
        revert_override(actor=Actor.cli(), override_id=layer.override.pk, reason=reason)

    def _override(self, offer: Offer, field: str, options: dict[str, Any]) -> None:
        days = options["days"]
        until = None if days is None else clock.now() + timedelta(days=min(max(days, 0), 10_000))
        override_offer(
            actor=Actor.cli(), offer_id=offer.pk, field=field, value=_value(offer, field, options[field]), reason=options["reason"],
            evidence_url=options["evidence"], expires_at=until,
        )  # fmt: skip


def _value(offer: Offer, field: str, text: str) -> Value:
    if field == Field.AVAILABILITY:
        return text
    if field == Field.LIST_PRICE and text == NONE:
        return None
    try:
        return minor_units(text, offer.currency)
    except Unreadable:
        raise CommandError(_("“%(text)s” is no clear price. Write it like %(example)s.") % {"text": text, "example": in_words(Field.PRICE, 6490, offer.currency)}) from None  # fmt: skip
