"""Price alerts over the API."""

from typing import Any

import pytest

from catalog.models import Alert
from tests.catalog.calling import NOBODY, Api, refusal
from tests.factories import make_alert, make_household, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    return Api("catalog", "households")


def test_an_alert_is_made_read_changed_paused_and_ended(api):
    household, product = make_household(), make_product()
    made = api("POST", "/alerts", {"household_id": str(household.pk), "product_id": product.pk, "target_price": 9_000})
    assert (made.status_code, made.json()["line"], made.json()["status"], made.json()["channel"]) == (201, 9_000, "active", "push")
    path = f"/alerts/{made.json()['id']}"
    assert api("GET", path).json() == made.json()
    changed = api("PATCH", path, {"target_price": 8_000, "status": "paused"}).json()
    assert (changed["line"], changed["status"]) == (8_000, "paused")
    assert [one["id"] for one in api("GET", f"/alerts?household_id={household.pk}&status=paused").json()["alerts"]] == [changed["id"]]
    assert api("GET", f"/alerts?household_id={household.pk}&status=active").json()["alerts"] == []
    assert [api("DELETE", path).status_code, refusal(api("DELETE", path))] == [204, (409, "ended")]
    assert Alert.objects.get().status == "ended"


def test_a_change_of_line_and_status_is_one_or_nothing(api):
    paused = make_alert(status="paused")
    make_alert(household=paused.household, product=paused.product)
    assert refusal(api("PATCH", f"/alerts/{paused.pk}", {"target_price": 8_000, "status": "active"})) == (409, "alert_exists")
    assert Alert.objects.get(pk=paused.pk).target_price == 9_000


def test_a_change_of_what_is_like_that_already_changes_the_rest(api):
    alert = make_alert(cooldown_hours=24)

    def patched(**values: Any) -> Any:
        answer = api("PATCH", f"/alerts/{alert.pk}", values)
        return (answer.json()["line"], answer.json()["status"]) if answer.status_code == 200 else refusal(answer)

    assert patched(target_price=9_000, cooldown_hours=24, status="paused") == (9_000, "paused")
    assert patched(target_price=8_000, status="paused") == (8_000, "paused")
    assert patched(target_price=8_000, status="paused") == (409, "unchanged")
    assert refusal(api("PATCH", f"/alerts/{alert.pk}", {})) == (422, "invalid")


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"target_price": None}, (422, "invalid")),
        ({"drop_percent": 5}, (422, "invalid")),
        ({"target_price": "cheap"}, (422, "invalid")),
        ({"channel": "sms"}, (422, "invalid")),
        ({"cooldown_hours": -1}, (422, "invalid")),
        ({"household_id": "x"}, (422, "invalid")),
        ({"household_id": NOBODY}, (404, "household_unknown")),
        ({"product_id": 2**62}, (404, "product_unknown")),
        ({"product_id": 2**63}, (422, "invalid")),
        ({"target_price": None, "drop_percent": 10}, (409, "no_price")),
    ],
)
def test_an_alert_that_makes_no_sense_is_refused(api, values, refused):
    known = {"household_id": str(make_household().pk), "product_id": make_product().pk, "target_price": 9_000}
    assert refusal(api("POST", "/alerts", known | values)) == refused
    assert Alert.objects.count() == 0
