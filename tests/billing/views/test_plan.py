from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from billing.models import Plan
from tests.billing.factories import make_plan
from tests.signing_in import sign_in

LIST = "/ops/billing/plans/"
TYPED: dict[str, Any] = {
    "key": "plus", "name": "Plus", "amount": "29,90", "currency": "brl", "days": "30", "rank": "2", "is_offered": "on", "reason": "new prices",
}  # fmt: skip


@pytest.fixture
def editor(client: Client, operator: Person) -> Client:
    return sign_in(client, operator)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_an_empty_list_says_how_to_begin(editor: Client) -> None:
    assert "No plan yet" in text(editor.get(LIST))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(editor: Client, count: int) -> None:
    for _number in range(count):
        make_plan()
    editor.get(LIST)
    with CaptureQueriesContext(connection) as seen:
        assert editor.get(LIST).status_code == 200
    assert len([query for query in seen if '"plans"' in query["sql"]]) == 1


def test_who_may_only_look_sees_no_way_to_write(client: Client, support: Person) -> None:
    make_plan(name="Plus", is_offered=False)
    page = text(sign_in(client, support).get(LIST))
    assert ("not offered" in page, "R$29.90" in page, f"{LIST}new/" in page, "/edit/" in page) == (True, True, False, False)
    assert client.post(f"{LIST}new/", TYPED).status_code == 403


def test_a_plan_is_added_by_a_form(editor: Client) -> None:
    assert editor.get(f"{LIST}new/").status_code == 200
    response = editor.post(f"{LIST}new/", TYPED)
    made = Plan.objects.get()
    assert (response.status_code, response["Location"]) == (302, LIST)
    assert (made.key, made.amount, made.currency, made.days, made.rank, made.is_offered) == ("plus", 2990, "BRL", 30, 2, True)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"key": "Plus Plan"}, "A key is made of small letters"),
        ({"key": "taken"}, "Another plan has this key."),
        ({"amount": "29.905"}, "decimal places"),
        ({"amount": "x"}, "That is no amount."),
        ({"currency": "XXZ"}, "There is no such currency."),
    ],
)
def test_what_makes_no_sense_is_said_at_the_form(editor: Client, typed: dict[str, str], error: str) -> None:
    make_plan(key="taken")
    response = editor.post(f"{LIST}new/", TYPED | typed)
    assert (response.status_code, error in text(response), Plan.objects.count()) == (422, True, 1)


def test_a_plan_is_changed_and_not_offered_any_more(editor: Client) -> None:
    plan = make_plan(key="plus", name="Plus")
    page = text(editor.get(f"{LIST}{plan.pk}/edit/"))
    assert ('name="version" value="1"' in page, 'value="29.90"' in page, 'name="key"' in page) == (True, True, False)
    typed = TYPED | {"version": "1", "name": "Plus", "amount": "39.90"}
    del typed["is_offered"]
    assert editor.post(f"{LIST}{plan.pk}/edit/", typed)["Location"] == LIST
    plan.refresh_from_db()
    assert (plan.amount, plan.is_offered, plan.version, plan.key) == (3990, False, 2, "plus")


def test_second_of_two_editors_overwrites_nothing(editor: Client) -> None:
    plan = make_plan(name="Plus", version=2)
    response = editor.post(f"{LIST}{plan.pk}/edit/", TYPED | {"version": "1", "name": "Mine"})
    assert (response.status_code, "Somebody changed this plan meanwhile." in text(response), 'value="Mine"' in text(response)) == (422, True, True)
    assert Plan.objects.get().name == "Plus"
