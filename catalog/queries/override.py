"""Overrides: the layers of one offer, the lists of the desk, and how many were made today."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from catalog.fields import Field, in_words, tracked_then, value_of
from catalog.fields import Value as Said
from catalog.models import Offer, Override
from catalog.queries.effective import ACTIVE, active_overrides
from catalog.reading.result import PageReading
from opsportal import clock

# More manual fixes of the catalog in a day than this are a red flag: pause invites (the beta's manual, morning check).
RED_FLAG = 5
MOST_MADE = 1000
EXPIRING = timedelta(hours=48)
AGREES, DRIFTED, STANDS = "agrees", "drifted", "stands"


@dataclass(frozen=True, slots=True)
class Layer:
    """One field of an offer: what the store says, what a person says over it, and which of the two is shown."""

    offer: Offer
    field: str
    override: Override | None

    @property
    def label(self) -> str:
        return str(Field(self.field).label)

    @property
    def tracked(self) -> Said:
        found: Said = getattr(self.offer, self.field)
        return found

    @property
    def shown(self) -> Said:
        return value_of(self.override) if self.override else self.tracked

    @property
    def state(self) -> str:
        """How the store stands to the override: it agrees now, it drifted since, or it stands by what was wrong; "" without an override."""
        if self.override is None:
            return ""
        if value_of(self.override) == self.tracked:
            return AGREES
        return STANDS if tracked_then(self.override) == self.tracked else DRIFTED

    @property
    def tone(self) -> str:
        return {AGREES: "ok", DRIFTED: "warn", STANDS: "off"}.get(self.state, "off")

    @property
    def shown_words(self) -> str:
        return in_words(self.field, self.shown, self.offer.currency)

    @property
    def tracked_words(self) -> str:
        return in_words(self.field, self.tracked, self.offer.currency)

    @property
    def then_words(self) -> str:
        """What was tracked when the override was made."""
        return in_words(self.field, tracked_then(self.override), self.offer.currency) if self.override else ""


def layers_of(offer: Offer) -> list[Layer]:
    """Price, list price, availability."""
    held = {override.field: override for override in active_overrides().filter(offer=offer)}
    return [Layer(offer, field, held.get(field)) for field in Field.values]


def layer_for(offer: Offer, field: str) -> Layer:
    """The one asked for, else the price."""
    layers = {layer.field: layer for layer in layers_of(offer)}
    return layers.get(field, layers[Field.PRICE])


def layer_of(override: Override) -> Layer:
    """Where an active override stands; its offer is to be loaded with it."""
    return Layer(override.offer, override.field, override)


@dataclass(frozen=True, slots=True)
class Line:
    """One field as it is shown, as it is tracked, and as the store says it now."""

    layer: Layer
    now: Said

    @property
    def now_words(self) -> str:
        return in_words(self.layer.field, self.now, self.layer.offer.currency)

    @property
    def is_shown(self) -> bool:
        return self.now == self.layer.shown

    @property
    def is_tracked(self) -> bool:
        return self.now == self.layer.tracked


def compared(layers: Sequence[Layer], reading: PageReading | None) -> list[Line]:
    """Nothing where there is nothing to compare: no reading, or one in another currency."""
    if reading is None or not layers or reading.currency != layers[0].offer.currency:
        return []
    said: dict[str, Said] = {"price": reading.price, "list_price": reading.list_price, "availability": reading.availability}
    return [Line(layer, said[layer.field]) for layer in layers]


def shown_of(offer: Offer, field: str) -> Said:
    """What is shown of one field at this moment."""
    return Layer(offer, field, active_overrides().filter(offer=offer, field=field).first()).shown


def _same(one: str, other: str) -> Q:
    return Q(**{one: F(other)}) | Q(**{f"{one}__isnull": True, f"{other}__isnull": True})


_STATE = Case(
    When(Q(field=Field.PRICE) & _same("amount", "offer__price"), then=Value(AGREES)),
    When(Q(field=Field.LIST_PRICE) & _same("amount", "offer__list_price"), then=Value(AGREES)),
    When(Q(field=Field.AVAILABILITY, availability=F("offer__availability")), then=Value(AGREES)),
    When(Q(field=Field.PRICE) & _same("tracked_amount", "offer__price"), then=Value(STANDS)),
    When(Q(field=Field.LIST_PRICE) & _same("tracked_amount", "offer__list_price"), then=Value(STANDS)),
    When(Q(field=Field.AVAILABILITY, tracked_availability=F("offer__availability")), then=Value(STANDS)),
    default=Value(DRIFTED),
    output_field=CharField(),
)


def find_overrides(which: str = "active") -> QuerySet[Override]:
    """active, expiring (within 48 hours), drifted, agreeing, ended, or made today; anything else: active."""
    overrides = Override.objects.select_related("offer__product", "offer__store")
    if which == "today":
        return overrides.filter(created_at__gte=begin_of_today())
    if which == "ended":
        return overrides.filter(Q(ended_at__isnull=False) | Q(expires_at__lte=Now()))
    active = overrides.filter(ACTIVE)
    if which == "expiring":
        return active.filter(expires_at__lte=clock.now() + EXPIRING)
    states = {"drifted": DRIFTED, "agreeing": AGREES}
    return active.alias(state=_STATE).filter(state=states[which]) if which in states else active


def counts(most: int = 1000) -> dict[str, int]:
    """How many there are of each list of active ones, `most` at most."""
    return {which: find_overrides(which).order_by()[:most].count() for which in ("active", "expiring", "drifted", "agreeing")}


def history_of(offer: Offer) -> QuerySet[Override]:
    return offer.overrides.order_by("-created_at", "-id")


def begin_of_today() -> datetime:
    """Midnight of the team's today."""
    return timezone.make_aware(datetime.combine(clock.today(), datetime.min.time()), timezone.get_default_timezone())


def overrides_today() -> int:
    """How many overrides people made today, in the team's zone, those that have ended too. More than RED_FLAG: pause invites."""
    return Override.objects.filter(created_at__gte=begin_of_today()).count()


def made_by(day: date) -> Counter[str]:
    """Who made how many on a day of the team's zone, those that have ended too; MOST_MADE at most are counted, the newest."""
    begin = timezone.make_aware(datetime.combine(day, datetime.min.time()), timezone.get_default_timezone())
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time()), timezone.get_default_timezone())
    made = Override.objects.filter(created_at__gte=begin, created_at__lt=end).order_by("-created_at", "-id")
    return Counter(made.values_list("created_by", flat=True)[:MOST_MADE])


def per_day(days: int) -> Sequence[int]:
    """How many were made on each of the last so many days, the last one today."""
    first = begin_of_today() - timedelta(days=days - 1)
    made = [0] * days
    zone = timezone.get_default_timezone()
    for at in Override.objects.filter(created_at__gte=first).values_list("created_at", flat=True):
        made[(timezone.localtime(at, zone).date() - timezone.localtime(first, zone).date()).days] += 1
    return made


def spans_of(offer: Offer, since: datetime) -> list[Override]:
    """Overrides of the price that held at any time since then, oldest first."""
    until = Q(ended_at=None) | Q(ended_at__gt=since)
    return list(offer.overrides.filter(until, Q(expires_at=None) | Q(expires_at__gt=since), field=Field.PRICE).order_by("created_at", "id"))


def due(most: int) -> QuerySet[Override]:
    """Those whose time is over and that are still open."""
    return Override.objects.filter(ended_at=None, expires_at__lte=Now()).order_by("expires_at")[:most]
