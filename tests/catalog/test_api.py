"""The catalog's API as the product calls it."""

from datetime import timedelta
from typing import Any

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from beta.models import Household
from catalog.actions import archive_offer, change_product
from catalog.actions.risk import recalculate
from catalog.models import Offer, Profile, Purchase
from opsportal import clock
from tests.catalog.calling import NOBODY, Api, fields_of, refusal
from tests.factories import make_alert, make_household, make_offer, make_override, make_product, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    return Api("catalog", "households")


def test_an_offer_is_told_as_it_is_shown_with_what_is_tracked_beside_it(api):
    offer = make_offer(price=10_000, list_price=20_000, bucket="safe", median_90=11_000)
    make_override(offer, amount=9_000)
    told = api("GET", f"/offers/{offer.pk}").json()
    assert (told["price"], told["tracked_price"], told["is_overridden"], told["list_price"], told["store"]) == (
        9_000,
        10_000,
        True,
        20_000,
        offer.store.key,
    )
    assert (told["bucket"], told["median_90"], told["availability"], told["category"], told["status"]) == (
        "safe",
        11_000,
        "in_stock",
        "kitchen",
        "active",
    )


def test_offers_are_listed_in_pages_newest_change_first(api):
    offers = [make_offer(updated_at=clock.now() - timedelta(minutes=number)) for number in range(3)]
    make_offer(status="archived")
    first = api("GET", "/offers?limit=2").json()
    assert [one["id"] for one in first["offers"]] == [offers[0].pk, offers[1].pk]
    second = api("GET", f"/offers?limit=2&cursor={first['next']}").json()
    assert ([one["id"] for one in second["offers"]], second["next"]) == ([offers[2].pk], None)


def test_offers_are_filtered(api):
    wanted = make_offer(bucket="safe", store=make_store(key="loja"), product=make_product(category="toys"))
    make_offer(bucket="watch", updated_at=clock.now() - timedelta(days=2))
    since = (clock.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for query in (f"product_id={wanted.product_id}", "store=loja", "category=toys", "bucket=safe", f"updated_since={since}"):
        assert [one["id"] for one in api("GET", f"/offers?{query}").json()["offers"]] == [wanted.pk]
    assert api("GET", "/offers?store=none").json() == {"offers": [], "next": None}


def test_a_copy_is_told_of_another_bucket_another_name_and_what_was_archived(api):
    before = clock.now() - timedelta(hours=2)
    same, judged, named, gone = (make_offer(price=10_000, updated_at=before) for _number in range(4))
    gone_before = make_offer(status="archived", updated_at=before)
    since = (clock.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    recalculate([judged.pk])
    # Calculated again without another bucket, an archived one with another.
    Offer.objects.filter(pk=same.pk).update(bucket=Offer.objects.get(pk=judged.pk).bucket)
    Offer.objects.filter(pk=judged.pk).update(bucket="risky")
    recalculate([same.pk, judged.pk, gone_before.pk])
    product, actor = named.product, Actor.cli()
    change_product(actor=actor, product_id=product.pk, version=1, name=product.name, brand=product.brand, category="toys", gtin="", image_url="")
    archive_offer(actor=actor, offer_id=gone.pk, reason="sold out for good")
    told = {one["id"]: one["status"] for one in api("GET", f"/offers?updated_since={since}").json()["offers"]}
    assert told == {judged.pk: "active", named.pk: "active", gone.pk: "archived"}
    assert sorted(one["id"] for one in api("GET", "/offers").json()["offers"]) == sorted([same.pk, judged.pk, named.pk])


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "bucket=best", "product_id=0", "product_id=9223372036854775808", "updated_since=yesterday", "category=a%00b"],
)
def test_a_filter_that_makes_no_sense_is_refused(api, query):
    assert fields_of(api("GET", f"/offers?{query}")) == [f"query.{query.split('=')[0]}"]


def test_a_cursor_of_nobodys_is_refused(api):
    assert refusal(api("GET", "/offers?cursor=forged")) == (400, "invalid")


def test_what_is_not_there_is_not_found(api):
    found = [
        refusal(api("GET", path))
        for path in ("/offers/1", f"/feed/{NOBODY}", f"/households/{NOBODY}/profile", f"/alerts/{NOBODY}", f"/alerts?household_id={NOBODY}")
    ]
    unknown = (404, "household_unknown")
    assert found == [(404, "offer_unknown"), unknown, unknown, (404, "alert_unknown"), unknown]
    assert refusal(api("GET", "/offers/99999999999999999999")) == (422, "invalid")


def test_the_feed_is_what_the_function_gives(api):
    offer = make_offer(bucket="safe", median_90=20_000)
    make_offer(bucket="risky")
    household = make_household()
    told = api("GET", f"/feed/{household.pk}").json()
    assert [(one["offer_id"], one["rank"], one["saving_percent"]) for one in told["items"]] == [(offer.pk, 1, 50)]
    assert fields_of(api("GET", f"/feed/{household.pk}?limit=101")) == ["query.limit"]
    Household.objects.update(status="removed")
    assert api("GET", f"/feed/{household.pk}").json() == {"household_id": str(household.pk), "items": []}


def test_what_has_not_changed_is_not_sent_again(api):
    offer, household = make_offer(), make_household()
    alert = make_alert()
    for path in (
        "/offers", f"/offers/{offer.pk}", f"/feed/{household.pk}", f"/households/{household.pk}/profile", f"/alerts/{alert.pk}", f"/alerts?household_id={household.pk}"
    ):  # fmt: skip
        first = api("GET", path)
        again = api("GET", path, If_None_Match=f"W/{first['ETag']}")
        assert (first.status_code, again.status_code, again.content, again["ETag"]) == (200, 304, b"", first["ETag"])
    before = api("GET", f"/offers/{offer.pk}")["ETag"]
    Offer.objects.update(price=1)
    assert api("GET", f"/offers/{offer.pk}", If_None_Match=before).status_code == 200


def test_a_profile_is_read_and_written_as_a_whole(api):
    household, store = make_household(), make_store()
    path = f"/households/{household.pk}/profile"
    blank = {"household_id": str(household.pk), "categories": [], "excluded_stores": [], "max_price": None, "currency": "BRL", "min_saving": None}
    assert api("GET", path).json() == blank
    wishes = {"categories": ["kitchen"], "excluded_stores": [store.pk], "max_price": 20_000, "currency": "BRL", "min_saving": 10}
    assert api("PUT", path, wishes).json() == {"household_id": str(household.pk), **wishes}
    assert api("GET", path).json() == {"household_id": str(household.pk), **wishes}
    # The same again is fine, and no second act.
    assert api("PUT", path, wishes).status_code == 200
    assert AuditLog.objects.filter(action_type="CHANGE_WISHES", actor_kind="client").count() == 1
    assert api("PUT", path, {}).json() == blank


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ([], ["body"]),
        ({"max_price": "200"}, ["max_price"]),
        ({"max_price": 200.5}, ["max_price"]),
        ({"max_price": True}, ["max_price"]),
        ({"max_price": 0}, ["max_price"]),
        ({"max_price": 10**30}, ["max_price"]),
        ({"min_saving": 100}, ["min_saving"]),
        ({"currency": "reais"}, ["currency"]),
        ({"categories": "kitchen"}, ["categories"]),
        ({"categories": ["a\x00"]}, ["categories.0"]),
        ({"excluded_stores": [-1]}, ["excluded_stores.0"]),
        ({"max_prize": 1}, ["max_prize"]),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused_field_by_field(api, body, fields):
    assert fields_of(api("PUT", f"/households/{make_household().pk}/profile", body)) == fields
    assert Profile.objects.count() == 0


def test_what_is_no_json_is_refused(api):
    assert refusal(api("PUT", f"/households/{make_household().pk}/profile", "{")) == (400, "bad_request")


def test_a_profile_with_an_unknown_store_or_of_a_removed_household_is_refused(api):
    household = make_household()
    path = f"/households/{household.pk}/profile"
    assert refusal(api("PUT", path, {"excluded_stores": [999]})) == (422, "invalid")
    Household.objects.update(status="removed")
    assert refusal(api("PUT", path, {})) == (409, "household_removed")
    assert api("DELETE", path).status_code == 405


def purchase(**values: Any) -> dict[str, Any]:
    known = {"external_id": "p-1", "price": 9_000, "currency": "BRL", "bought_at": "2026-11-20T12:00:00-03:00"}
    return known | ({} if "household_id" in values else {"household_id": str(make_household().pk)}) | values


@pytest.fixture
def _today(time_machine) -> None:
    time_machine.move_to("2026-11-20T18:00:00+00:00", tick=False)


@pytest.mark.usefixtures("_today")
def test_a_purchase_is_told_once_however_often_it_is_sent(api):
    body = purchase(offer_id=make_offer(median_90=12_000).pk, declared_saving=3_000)
    first, again = api("POST", "/purchases", body), api("POST", "/purchases", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["saving"], first.json()["is_outlier"], first.json()["reasons"]) == (3_000, False, [])
    assert refusal(api("POST", "/purchases", body | {"price": 1})) == (422, "purchase_mismatch")
    # Another client's numbers are its own.
    assert Api("households")("POST", "/purchases", body).status_code == 201
    assert Purchase.objects.count() == 2


@pytest.mark.usefixtures("_today")
@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"price": 0}, (422, "invalid")),
        ({"price": "9000"}, (422, "invalid")),
        ({"bought_at": "2026-11-20T12:00:00"}, (422, "invalid")),
        ({"bought_at": "2027-11-20T12:00:00Z"}, (422, "invalid")),
        ({"bought_at": "9999-12-31T23:59:59Z"}, (422, "invalid")),
        ({"bought_at": "0001-01-01T00:00:00+14:00"}, (422, "invalid")),
        ({"currency": "XXQ"}, (422, "invalid")),
        ({"external_id": ""}, (422, "invalid")),
        ({"external_id": "x" * 101}, (422, "invalid")),
        ({"household_id": NOBODY}, (404, "household_unknown")),
        ({"offer_id": 1}, (404, "offer_unknown")),
        ({"declared_saving": 10**16}, (422, "invalid")),
        ({"is_outlier": False}, (422, "invalid")),
    ],
)
def test_a_purchase_that_makes_no_sense_is_refused(api, values, refused):
    assert refusal(api("POST", "/purchases", purchase(**values))) == refused
    assert Purchase.objects.count() == 0


def test_a_huge_body_is_refused(api):
    assert refusal(api("POST", "/purchases", purchase(external_id="x" * 1_100_000))) == (413, "too_large")


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("households", "GET", "/offers"),
        ("households", "GET", "/offers/1"),
        ("households", "GET", f"/feed/{NOBODY}"),
        ("catalog", "GET", f"/households/{NOBODY}/profile"),
        ("catalog", "PUT", f"/households/{NOBODY}/profile"),
        ("catalog", "GET", "/alerts"),
        ("catalog", "POST", "/alerts"),
        ("catalog", "PATCH", f"/alerts/{NOBODY}"),
        ("catalog", "DELETE", f"/alerts/{NOBODY}"),
        ("catalog", "POST", "/purchases"),
    ],
)
def test_a_key_without_the_scope_is_refused(scope, method, path):
    assert refusal(Api(scope)(method, path, {})) == (403, "missing_scope")
