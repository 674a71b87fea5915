"""Whatever people, the tracker and the clock do in whatever order: what is shown is what a sheet of paper would say."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.actors import Actor
from catalog.actions import expire_overrides, override_offer, revert_override
from catalog.models import Offer, Override
from catalog.queries.effective import with_shown
from opsportal import clock
from opsportal.errors import Conflict
from tests.factories import make_offer

pytestmark = pytest.mark.django_db
BIA = Actor.system("Bia")
FIELDS = ("price", "list_price", "availability")


class Held(NamedTuple):
    """What the paper says of one field: the override's number, its value, and whether its time is over."""

    number: int
    value: Any
    is_over: bool


values = {
    "price": st.integers(1, 5),
    "list_price": st.none() | st.integers(1, 5),
    "availability": st.sampled_from(("in_stock", "out_of_stock", "preorder")),
}
steps = st.one_of(
    *(st.tuples(st.just("override"), st.just(field), values[field]) for field in FIELDS),
    *(st.tuples(st.just("track"), st.just(field), values[field]) for field in FIELDS),
    st.tuples(st.sampled_from(("revert", "pass", "sweep")), st.sampled_from(FIELDS), st.none()),
)


def shown(offer: Offer) -> list[Any]:
    found = with_shown(Offer.objects.filter(pk=offer.pk)).get()
    return [getattr(found, f"shown_{field}") for field in FIELDS]


class Paper:
    """The same, kept by hand."""

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.tracked = {field: getattr(offer, field) for field in FIELDS}
        self.held: dict[str, Held] = {}

    def override(self, field: str, value: Any) -> None:
        held = self.held.get(field)
        wanted = {
            "actor": BIA,
            "offer_id": self.offer.pk,
            "field": field,
            "value": value,
            "reason": "seen",
            "seen": 0 if not held or held.is_over else held.number,
        }
        if held and not held.is_over and held.value == value:
            with pytest.raises(Conflict):
                override_offer(**wanted)
        else:
            self.held[field] = Held(override_offer(**wanted).pk, value, False)

    def revert(self, field: str, _value: None) -> None:
        held = self.held.get(field)
        if held is None:
            return
        if held.is_over:
            with pytest.raises(Conflict):
                revert_override(actor=BIA, override_id=held.number)
            return
        revert_override(actor=BIA, override_id=held.number)
        del self.held[field]

    def track(self, field: str, value: Any) -> None:
        Offer.objects.filter(pk=self.offer.pk).update(**{field: value})
        self.tracked[field] = value

    def pass_(self, field: str, _value: None) -> None:
        """Its time passes: nobody writes anything."""
        if held := self.held.get(field):
            Override.objects.filter(pk=held.number).update(expires_at=over())
            self.held[field] = held._replace(is_over=True)

    def sweep(self, _field: str, _value: None) -> None:
        gone = {held.number for held in self.held.values() if held.is_over}
        # Earlier stories left theirs behind.
        assert {one.pk for one in expire_overrides(actor=BIA) if one.offer_id == self.offer.pk} == gone
        self.held = {field: held for field, held in self.held.items() if not held.is_over}

    def shown(self) -> list[Any]:
        return [held.value if (held := self.held.get(field)) and not held.is_over else self.tracked[field] for field in FIELDS]


def over() -> datetime:
    return clock.now() - timedelta(hours=1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(steps, max_size=10))
def test_what_is_shown_is_what_the_paper_says(story: list[tuple[str, str, Any]]) -> None:
    paper = Paper(make_offer(price=3, list_price=None))
    for what, field, value in story:
        getattr(paper, "pass_" if what == "pass" else what)(field, value)
        assert (what, shown(paper.offer)) == (what, paper.shown())
        assert Override.objects.filter(offer=paper.offer, ended_at=None).count() == len(paper.held)
