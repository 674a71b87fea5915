"""Check Risk, from the offer's page and from a list, with htmx and without; and what the page says of a risk."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from audit.actors import Actor
from audit.models import AuditLog
from catalog.actions.risk import recalculate
from catalog.models import Offer
from opsportal import clock
from switches import actions as switches
from tests.catalog.actions.test_risk import make_steady, make_trap
from tests.factories import make_offer
from tests.signing_in import sign_in

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("Bia")


@pytest.fixture
def desk(client: Client, support: Person) -> Client:
    return sign_in(client, support)


def url(offer: Offer) -> str:
    return f"/ops/offers/{offer.pk}/check-risk/"


def panel(response: Any) -> str:
    """The words of the panel, every moment as “⏲”."""
    page = response.content.decode()
    found = re.search(r'<section class="panel" id="risk".*?</section>', page, flags=re.DOTALL)
    assert found, page
    part = re.sub(r"<time\b.*?</time>", "⏲", found[0], flags=re.DOTALL)
    part = re.sub(r"<svg\b.*?</svg>", "", part, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())


def check_by_htmx(client: Client, offer: Offer, **posted: str) -> Any:
    return client.post(url(offer), posted, headers={"HX-Request": "true"})


def test_page_tells_the_reasons_with_their_points(desk: Client) -> None:
    offer = make_trap()
    recalculate([offer.pk])
    assert panel(desk.get(f"/ops/offers/{offer.pk}/")) == (
        "Risk risky Risk 89 of 100 25 points or more are worth a watch, 50 or more are risky. "
        "The list price rose 50 % on the day this “discount” began. +45 "
        "It claims 45 % off, but costs what it did at its lowest in the 30 days before. +36 Only one source. +8 Check Risk Calculated ⏲"
    )


def test_page_of_an_unknown_risk_says_what_is_not_known(desk: Client) -> None:
    offer = make_offer()
    assert panel(desk.get(f"/ops/offers/{offer.pk}/")) == "Risk unknown The risk of this offer was never calculated. Check Risk"
    recalculate([offer.pk])
    assert panel(desk.get(f"/ops/offers/{offer.pk}/")) == (
        "Risk unknown Risk 28 of 100 25 points or more are worth a watch, 50 or more are risky. "
        "Unknown: a verdict would rest on something that is not known, marked below. Nothing is called safe on missing data. "
        "Only 0 days of price history; a verdict needs 7. not known +20 Only one source. +8 Check Risk Calculated ⏲"
    )


def test_check_without_javascript_leads_back_to_the_offer(desk: Client) -> None:
    offer = make_trap()
    response = desk.post(url(offer), follow=True)
    assert response.redirect_chain == [(f"/ops/offers/{offer.pk}/", 302)]
    assert [str(message) for message in response.context["messages"]] == ["Checked: the bucket is “risky” now, it was “unknown”. Risk 89 of 100."]
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_id, row.actor_label) == ("CALC_RISK", str(offer.pk), "Carla Mendes (Support)")


def test_check_without_javascript_leads_back_to_the_list_it_came_from(desk: Client) -> None:
    offer = make_trap()
    assert desk.post(url(offer), {"next": "/ops/offers/?stale=1"})["Location"] == "/ops/offers/?stale=1"
    assert desk.post(url(offer), {"next": "https://evil.example/"})["Location"] == f"/ops/offers/{offer.pk}/"


def test_check_by_htmx_answers_the_panel_and_a_word(desk: Client) -> None:
    offer = make_steady()
    response = check_by_htmx(desk, offer)
    assert panel(response).startswith("Risk safe Risk 8 of 100")
    assert json.loads(response["HX-Trigger"]) == {"toast": {"value": "Checked: the bucket is “safe” now, it was “unknown”. Risk 8 of 100."}}
    assert json.loads(check_by_htmx(desk, offer)["HX-Trigger"]) == {"toast": {"value": "Checked: the bucket stays “safe”, risk 8 of 100."}}


def test_check_by_htmx_from_a_list_answers_its_cell(desk: Client) -> None:
    offer = make_trap()
    page = check_by_htmx(desk, offer, part="row", next="/ops/offers/").content.decode()
    assert page.startswith(f'<div class="bucket" id="bucket-{offer.pk}"><span class="tag is-fail">')
    assert ('<section class="panel"' in page, 'name="next" value="/ops/offers/"' in page) == (False, True)


def test_list_has_the_new_bucket_at_once(desk: Client) -> None:
    offer = make_trap()
    assert f'id="bucket-{offer.pk}"' not in desk.get("/ops/offers/?bucket=risky").content.decode()
    desk.post(url(offer))
    assert f'id="bucket-{offer.pk}"' in desk.get("/ops/offers/?bucket=risky").content.decode()


def test_frozen_risk_is_labelled_and_cannot_be_checked(desk: Client) -> None:
    offer = make_trap()
    recalculate([offer.pk])
    switches.turn_off(actor=ACTOR, name="ENABLE_ANTI_CILADA", reason="false alarms")
    said = panel(desk.get(f"/ops/offers/{offer.pk}/"))
    assert said.startswith("Risk risky Risk and buckets are frozen: they are as they were calculated last. Bia turned ENABLE_ANTI_CILADA off on ")
    assert ("“false alarms” To the switch" in said, "Check Risk" in said) == (True, False)
    told = json.loads(check_by_htmx(desk, offer)["HX-Trigger"])["toast"]["value"]
    assert told.startswith("The risk is frozen, so nothing was calculated. Bia turned ENABLE_ANTI_CILADA off on ")
    assert "/check-risk/" not in desk.get("/ops/offers/").content.decode()
    assert AuditLog.objects.filter(action_type="CALC_RISK").count() == 0


def test_viewer_sees_the_risk_and_no_button(client: Client, viewer: Person) -> None:
    offer = make_trap()
    recalculate([offer.pk])
    page = sign_in(client, viewer).get(f"/ops/offers/{offer.pk}/")
    assert ("Only one source. +8" in panel(page), "Check Risk" in panel(page)) == (True, False)
    assert client.post(url(offer)).status_code == 403


def test_chart_marks_what_the_risk_rests_on(desk: Client) -> None:
    offer = make_trap()
    before = clock.now() - timedelta(days=8)
    recalculate([offer.pk])
    page = desk.get(f"/ops/offers/{offer.pk}/").content.decode()
    assert before < clock.now()
    assert [sign for sign in ("up", "down", "dot") if f"c-sign--{sign}" in page] == ["up", "dot"]
    assert "List price raised to R$" in unescape(page).replace("\xa0", " ")


def test_offer_that_is_not_there_is_not_found(desk: Client) -> None:
    assert desk.post("/ops/offers/0/check-risk/").status_code == 404
