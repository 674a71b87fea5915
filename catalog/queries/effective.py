"""What is shown of an offer: the active override, else the tracked value. Always computed on reading, so that an override ends on
the second it expires, whatever runs or doesn't. In SQL the same is the view `offers_shown`."""

from typing import Any

from django.db.models import BooleanField, Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Now

from catalog.models import Offer, Override

ACTIVE = Q(ended_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now()))


def active_overrides() -> QuerySet[Override]:
    return Override.objects.filter(ACTIVE)


def with_shown(offers: QuerySet[Offer]) -> QuerySet[Any]:
    """Adds shown_price, shown_list_price, shown_availability and is_overridden."""
    price, list_price, availability = (active_overrides().filter(offer=OuterRef("pk"), field=field) for field in Override.Field.values)
    return offers.annotate(
        shown_price=Coalesce(Subquery(price.values("amount")[:1]), F("price")),
        # An override may say that there is no list price.
        shown_list_price=Case(When(Exists(list_price), then=Subquery(list_price.values("amount")[:1])), default=F("list_price")),
        shown_availability=Coalesce(Subquery(availability.values("availability")[:1]), F("availability"), output_field=CharField()),
        is_overridden=Exists(active_overrides().filter(offer=OuterRef("pk")), output_field=BooleanField()),
    )
