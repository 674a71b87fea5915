from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from audit.models import AuditLog
from beta.actions import pause_invites
from catalog.models import Override
from opsportal import clock
from tests.factories import make_offer, make_override, make_person
from tests.signing_in import sign_in

LIST = "/ops/offers/overrides/"


@pytest.fixture
def catalog(client: Client, db: None) -> Client:
    return sign_in(client, make_person(role="catalog", name="Bruno Lima"))


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def said(**fields: str) -> dict[str, str]:
    return {"field": "price", "value": "89,90", "reason": "seen in the shop", "evidence_url": "", "end": "7", "expires_at": "", "seen": "0"} | fields


def test_the_form_begins_with_what_is_shown_and_ends_in_a_week(catalog: Client) -> None:
    offer = make_offer(price=10_000)
    page = text(catalog.get(f"/ops/offers/{offer.pk}/override/"))
    assert 'name="value" value="100.00"' in page
    answer = catalog.post(f"/ops/offers/{offer.pk}/override/", said(), follow=True)
    assert "Shown from now on: R$89.90." in text(answer)
    made = Override.objects.get()
    assert (made.amount, made.reason, made.created_by) == (8_990, "seen in the shop", "Bruno Lima (Catalog)")
    assert made.expires_at is not None
    assert abs(made.expires_at - clock.now() - timedelta(days=7)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"field": "list_price", "value": "", "end": ""}, ("list_price", None, "", None)),
        ({"field": "availability", "value": "out_of_stock", "end": ""}, ("availability", None, "out_of_stock", None)),
    ],
)
def test_each_field_has_its_own_form(catalog: Client, fields: dict[str, str], kept: Any) -> None:
    offer = make_offer(price=10_000, list_price=12_000)
    assert catalog.get(f"/ops/offers/{offer.pk}/override/?field={fields['field']}").status_code == 200
    assert catalog.post(f"/ops/offers/{offer.pk}/override/", said(**fields)).status_code == 302
    made = Override.objects.get()
    assert (made.field, made.amount, made.availability, made.expires_at) == kept


def test_a_link_may_propose_a_value_and_its_evidence(catalog: Client) -> None:
    offer = make_offer(price=10_000)
    page = text(catalog.get(f"/ops/offers/{offer.pk}/override/", {"field": "price", "value": "7550", "evidence": "https://shop.example/x"}))
    assert ('value="75.50"' in page, 'value="https://shop.example/x"' in page) == (True, True)
    page = text(catalog.get(f"/ops/offers/{offer.pk}/override/", {"field": "nonsense", "value": "x", "evidence": "javascript:alert(1)"}))
    assert ('name="value" value="100.00"' in page, "javascript:" in page) == (True, False)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"value": "cheap"}, "That is no amount"), ({"value": "0"}, "more than 0"), ({"value": ""}, "This field is required"),
        ({"reason": ""}, "This field is required"), ({"evidence_url": "ftp://x.example/"}, "Enter a valid URL|web address"), ({"end": "time"}, "Say when."),
        ({"expires_at": "2020-01-01T10:00"}, "a year ahead at most"), ({"field": "availability", "value": "gone"}, "Select a valid choice"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(catalog: Client, fields: dict[str, str], words: str) -> None:
    answer = catalog.post(f"/ops/offers/{make_offer().pk}/override/", said(**({"reason": "on the shelf"} | fields)))
    page = text(answer)
    assert (answer.status_code, any(word in page for word in words.split("|")), Override.objects.count()) == (422, True, 0)
    assert ("on the shelf" in page) == ("reason" not in fields)


def test_somebody_elses_override_is_shown_before_it_is_replaced(catalog: Client) -> None:
    offer = make_offer()
    held = make_override(offer, reason="what Leo saw", created_by="Leo")
    answer = catalog.post(f"/ops/offers/{offer.pk}/override/", said())
    page = text(answer)
    assert (answer.status_code, "Leo has overridden it meanwhile: 90.00 BRL" in page) == (422, True)
    assert f'name="seen" value="{held.pk}"' in page
    assert catalog.post(f"/ops/offers/{offer.pk}/override/", said(seen=str(held.pk))).status_code == 302


def test_revert_is_one_click(catalog: Client) -> None:
    held = make_override(make_offer(price=10_000))
    assert "Shown again is what the store says: R$100.00." in text(catalog.get(f"{LIST}{held.pk}/revert/"))
    answer = catalog.post(f"{LIST}{held.pk}/revert/", follow=True)
    assert answer.redirect_chain == [(f"/ops/offers/{held.offer_id}/", 302)]
    assert "Reverted. Shown again is what the store says: R$100.00." in text(answer)
    assert AuditLog.objects.get().actor_label == "Bruno Lima (Catalog)"
    again = catalog.post(f"{LIST}{held.pk}/revert/", {"back": "overrides"}, follow=True)
    assert (again.redirect_chain, "does not hold any more" in text(again)) == ([(LIST, 302)], True)
    assert catalog.get(f"{LIST}0/revert/").status_code == 404


def test_the_lists_hold_what_they_say(catalog: Client) -> None:
    drifted = make_override(make_offer(title="Drifted fan", price=10_000), tracked_amount=11_000)
    make_override(make_offer(title="Agreeing fan", price=9_000), tracked_amount=10_000)
    make_override(make_offer(title="Expiring fan"), expires_at=clock.now() + timedelta(hours=1))
    make_override(make_offer(title="Ended fan"), ended_at=clock.now(), ended_because="replaced")
    names = ("Drifted", "Agreeing", "Expiring", "Ended")
    found = {
        which: [name for name in names if f"{name} fan" in text(catalog.get(f"{LIST}?which={which}"))]
        for which in ("active", "drifted", "agreeing", "expiring", "ended")
    }
    assert found == {
        "active": ["Drifted", "Agreeing", "Expiring"], "drifted": ["Drifted"], "agreeing": ["Agreeing"], "expiring": ["Expiring"], "ended": ["Ended"],
    }  # fmt: skip
    page = text(catalog.get(f"{LIST}?which=drifted"))
    assert ("was R$110.00, now R$100.00" in page, f"{LIST}{drifted.pk}/revert/" in page) == (True, True)
    assert "Replaced by another" in text(catalog.get(f"{LIST}?which=ended"))


def test_more_than_five_a_day_offers_to_pause_invites(client: Client, operator: Person) -> None:
    sign_in(client, operator)
    for _number in range(5):
        make_override(make_offer())
    assert ("red flag" in text(client.get(LIST)), "/ops/beta/pause/" in text(client.get(LIST))) == (False, False)
    make_override(make_offer(), ended_at=clock.now(), ended_because="reverted")
    page = text(client.get(LIST))
    assert "6 overrides were made today; more than 5 is a red flag." in page
    assert 'href="/ops/beta/pause/"' in page
    pause_invites(actor=operator.actor, reason="too many fixes")
    page = text(client.get(LIST))
    assert ("Invites are paused already, by Diego Rocha (Engineer)." in page, 'href="/ops/beta/pause/"' in page) == (True, False)


def test_who_may_not_pause_invites_is_told_whom_to_ask(catalog: Client) -> None:
    for _number in range(6):
        make_override(make_offer())
    page = text(catalog.get(LIST))
    assert ("Ask support or an engineer to do it." in page, 'href="/ops/beta/pause/"' in page) == (True, False)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(catalog: Client, count: int, django_assert_max_num_queries: Any) -> None:
    for _number in range(count):
        make_override(make_offer())
    catalog.get(LIST)
    with django_assert_max_num_queries(30) as seen:
        catalog.get(LIST)
    # The page, four counts, today's, the last days'.
    assert (
        len([query for query in seen.captured_queries if "offer_overrides" in query["sql"] and "offers_" not in query["sql"].split("FROM")[0][:20]])
        == 7
    )
