"""The page of findings: totals, list, when somebody last looked, and a person's note."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from audit.models import AuditLog
from billing.models import Finding
from billing.states import FindingKind
from billing.sweeping import CHANGED
from opsportal import clock
from tests.billing.factories import make_checkout, make_event, make_finding, make_payment
from tests.billing.queries.test_finding import looked
from tests.catalog.views.test_product import text
from tests.signing_in import sign_in

pytestmark = pytest.mark.django_db
LIST = "/ops/billing/findings/"


@pytest.fixture
def desk(client: Client, support: Person) -> Client:
    return sign_in(client, support)


def test_no_finding_is_good_news_only_while_somebody_looks(desk: Client) -> None:
    assert "Nobody has looked lately" in text(desk.get(LIST))
    looked(CHANGED, hours=2)
    assert "Nobody has looked lately" in text(desk.get(LIST))
    looked(CHANGED)
    shown = text(desk.get(LIST))
    assert ("Everything agrees" in shown, "Nobody has looked lately" in shown) == (True, False)


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_any_number(desk: Client, count: int) -> None:
    for number in range(count):
        make_finding(event=make_event(), payment=make_payment(), subject=f"payment:{number}", facts={"payment": "pi_1", "plan": "Pro"})
    desk.get(LIST)
    with CaptureQueriesContext(connection) as seen:
        assert desk.get(LIST).status_code == 200
    assert len([query for query in seen if "billing_findings" in query["sql"]]) == 4


def test_filters_show_what_they_say(desk: Client) -> None:
    wanted = {
        "": make_finding(facts={"provider": "stripe"}),
        "state=handled": make_finding(handled_at=clock.now(), handled_note="He knows."),
        "state=closed": make_finding(closed_at=clock.now() - timedelta(hours=1), closed_because="given"),
        "kind=product_not_told": make_finding(kind=FindingKind.PRODUCT_NOT_TOLD),
        "provider=mercadopago": make_finding(facts={"provider": "mercadopago"}),
    }
    for query, finding in wanted.items():
        rows = desk.get(f"{LIST}?{query}").context["page"].rows
        assert [one.pk for one in rows] == [finding.pk] if query else finding.pk in {one.pk for one in rows}
    assert "The plan was given." in text(desk.get(f"{LIST}?state=closed"))
    assert desk.get(f"{LIST}?kind=nonsense&state=x").status_code == 200


def test_person_handles_a_finding_with_a_note(desk: Client) -> None:
    finding = make_finding(facts={"payment": "pi_1", "plan": "Pro"})
    page = f"{LIST}{finding.pk}/handle/"
    assert "pi_1 paid" in text(desk.get(page))
    assert desk.post(page, {"reason": " "}).status_code == 422
    assert desk.post(page, {"reason": "Refunded by phone."}).status_code == 302
    finding.refresh_from_db()
    assert (finding.handled_note, finding.closed_at) == ("Refunded by phone.", None)
    row = AuditLog.objects.get(action_type="HANDLE_FINDING")
    assert (row.entity_id, row.changes) == (str(finding.pk), {"note": [None, "Refunded by phone."]})
    assert "same note already" in text(desk.post(page, {"reason": "Refunded by phone."}))
    Finding.objects.update(closed_at=clock.now())
    assert "the sides agree again" in text(desk.post(page, {"reason": "Once more."}))
    assert desk.get(f"{LIST}{2**70}/handle/").status_code == 404


def test_viewer_sees_and_does_not_handle(client: Client, viewer: Person) -> None:
    finding = make_finding(make_checkout())
    web = sign_in(client, viewer)
    shown = text(web.get(LIST))
    assert ("Mark as handled" in shown, "Sweep now" in shown) == (False, False)
    assert web.post(f"{LIST}{finding.pk}/handle/", {"reason": "x"}).status_code == 403


def test_what_the_last_try_said_is_shown(desk: Client) -> None:
    make_finding(fix_tries=2, fix_error="Could not ask: Stripe did not answer in time.")
    assert "Tried 2 times without a person: Could not ask: Stripe did not answer in time." in text(desk.get(LIST))
