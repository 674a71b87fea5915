import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from opsportal import clock
from tests.catalog.views.test_product import text
from tests.factories import make_offer, make_override, make_product, make_store
from tests.signing_in import sign_in

LIST = "/ops/offers/"


@pytest.fixture
def editor(client: Client, operator: Person) -> Client:
    return sign_in(client, operator)


def test_an_empty_list_says_how_to_begin(editor: Client) -> None:
    assert "No offer yet" in text(editor.get(LIST))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(editor: Client, count: int) -> None:
    for _number in range(count):
        make_override(make_offer(held_at=clock.now(), held_price=5, failures=2, error="away"))
    editor.get(LIST)
    with CaptureQueriesContext(connection) as seen:
        assert editor.get(LIST).status_code == 200
    own = [query["sql"] for query in seen if '"offers"' in query["sql"] or '"stores"' in query["sql"] or "FROM products" in query["sql"]]
    # Held ones (navigation), categories, stores, the page.
    assert len(own) == 4


def test_a_line_says_what_is_shown_and_what_the_store_says(editor: Client) -> None:
    offer = make_offer(title="Fryer", price=20_000, list_price=30_000, bucket="risky", risk_score=87, failures=2, error="No answer within 10 s.")
    make_override(offer, amount=15_000)
    make_offer(price=None, held_price=9_900, held_at=clock.now(), confirmed_at=None)
    page = text(editor.get(LIST))
    for words in ("<b>R$150.00</b>", "R$300.00", "−50 %", "overridden; the store says R$200.00", "risky", "risk 87", "failed 2 times", "No answer within 10 s.", "no price yet", "R$99.00 held", "never"):  # fmt: skip
        assert words in page, words


def test_filters_keep_each_other(editor: Client) -> None:
    store = make_store(name="Casa")
    both = make_offer(title="Both", store=store, failures=1, product=make_product(category="toys"))
    make_offer(title="Only failing", failures=1)
    page = text(editor.get(f"{LIST}?store={store.pk}&failing=1&category=toys"))
    assert (f'href="/ops/offers/{both.pk}/"' in page, "Only failing" in page) == (True, False)
    assert '<input type="hidden" name="failing" value="1">' in page
    assert f"?store={store.pk}&amp;category=toys" in page
    assert f'<option value="{store.pk}" selected>' in page


def test_a_filter_that_makes_no_sense_is_left_out_and_said(editor: Client) -> None:
    make_offer(title="Fryer")
    response = editor.get(f"{LIST}?store=x&bucket=maybe")
    assert (response.status_code, "Fryer" in text(response), "Select a valid choice" in text(response)) == (200, True, True)


def test_pages_follow_each_other(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(51):
        make_offer(title=f"Offer no {number:03d}")
    first = editor.get(LIST)
    second = editor.get(LIST, {"cursor": first.context["page"].older})
    titles = [[offer.title for offer in page.context["page"].rows] for page in (first, second)]
    assert ([len(page) for page in titles], titles[1]) == ([50, 1], ["Offer no 000"])
    assert editor.get(LIST, {"cursor": first.context["page"].older, "stale": "1"}).status_code == 400


def test_the_navigation_counts_held_prices(editor: Client) -> None:
    make_offer(held_at=clock.now(), held_price=5)
    assert 'Offers<span class="count"><span class="vh">, waiting for a person: </span>1</span>' in text(editor.get("/ops/audit/"))
