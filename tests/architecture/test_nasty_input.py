"""Whatever a browser or a scanner sends, no page breaks: every field and parameter of every route, with values nobody meant."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.actions import create_api_client, invite_person
from accounts.models import Person
from audit.actors import Actor
from billing.models import SignatureFailure
from health.actions import create_ping_key
from opsportal import clock
from opsportal.lines import lines_of
from review.models import Review
from tests.architecture.routes import Route, all_routes, named
from tests.billing.factories import make_checkout, make_event, make_finding, make_grant, make_plan
from tests.factories import (
    make_alert,
    make_destination,
    make_failed_item,
    make_household,
    make_import,
    make_invite,
    make_message,
    make_offer,
    make_override,
    make_ping,
    make_ping_event,
    make_probe,
    make_product,
    make_store,
    make_support_message,
)

ROUTES = [route for route in all_routes() if route.name]
NASTY = ("a\x00b", "\ud800".encode("utf-8", "surrogatepass"), "9" * 5000, "9223372036854775808", "[" * 5000, "%s%d{}'\"<", "9999-12-31T23:59")
# Every name that a form, a filter or a view of ours reads, by the beginning of the route's name.
NAMES = {
    "account_": "login password oldpassword password1 password2 email next remember",
    "mfa_": "code credential name passwordless next",
    "access_": "email name role reason scopes session cursor password",
    "usersessions": "cursor",
    "account": "name language time_zone",
    "audit": "action actor entity entity_id since until request_id cursor close",
    "beta_support": "q cursor state kind note person was reason household",
    "beta": "q cursor state batch status code reason stop-reason resume-reason cap name starts_on days invite_only count uses",
    "job": "cursor state reason kind every every_unit daily_at pause pause_unit was_every was_daily was_pause preview",
    "health_probe": "name every_minutes time_limit good_seconds down_after watches_feed description reason state show cursor add try steps-TOTAL_FORMS steps-INITIAL_FORMS steps-0-method steps-0-url steps-0-statuses steps-0-contains steps-0-json_path steps-0-json_value steps-0-headers",
    "health_": "name slug how every_number every_unit cron time_zone grace_number grace_unit description reason state cursor preview",
    "ping": "rid create",
    "notify": "q cursor state channel destination topic name address reason overlap_hours",
    "catalog_import": "kind format cursor effect after before reason partly file",
    "catalog_export": "kind format q category store bucket product stale archived alerting without_offers",
    "offer": "product store bucket category stale unconfirmed overridden held failing out_of_stock alerting archived offer initial-price field value evidence reason evidence_url end expires_at seen decision days cursor which back reading price list_price currency availability url sku title version q",
    "feed": "cursor categories excluded_stores max_price currency min_saving reason",
    "alert": "q cursor status channel undelivered reason",
    "purchases": "day household outliers cursor",
    "catalog_api_": "product_id store category bucket updated_since cursor limit household_id status",
    "catalog": "q category cursor alerting without_offers archived name brand gtin image_url version initial-name key currency source feed_url max_concurrency delay_ms is_active reason",
    "support_api_": "",
    "billing_api_": "",
    "billing_plan": "key name amount currency days rank is_offered reason version cursor",
    "billing_webhook": "q provider state effect type before cursor reason whole",
    "billing_event": "note whole",
    "billing_effects": "cursor",
    "billing_finding": "kind state provider cursor reason",
    "billing_checkout": "reason digest ask done plan until",
    "billing_provider": "",
    "billing": "q state provider plan findings cursor",
    "webhook_": "data.id type topic id",
    "switch": "reason end until name description owner cursor",
    "review": "compare pending back done note seen person_id span date reason",
    "": "q next language cursor",
}  # fmt: skip


def _names(route: Route) -> list[str]:
    return next(names for prefix, names in NAMES.items() if route.name.startswith(prefix)).split()


@pytest.fixture(scope="module")
def values(people: dict[str, Person]) -> dict[str, Any]:
    made = create_api_client(actor=Actor.cli(), name="product", scopes=["signups"])
    invited = invite_person(actor=Actor.cli(), email="x@example.com", role="viewer")
    event, key = make_ping_event(make_ping(slug="nightly")), create_ping_key(actor=Actor.cli())
    make_event(pk=event.pk, state="person")
    failure = SignatureFailure.objects.create(provider="stripe", reason="mismatch", body=b"{}")
    review, key_of_line = Review.objects.create(kind="morning", day=clock.today(), begun_by="tests"), lines_of("morning")[0].key
    place, item, checkout = make_destination(), make_failed_item(job="sweep"), make_checkout()
    return {
        "plan_id": make_plan().pk, "checkout_id": checkout.checkout_id, "customer_key": "hh-1", "grant_id": make_grant(customer_key=checkout.customer_key).pk,
        "finding_id": make_finding().pk, "failure_id": failure.pk, "ping_id": event.ping_id, "event_id": event.pk, "probe_id": make_probe().pk, "key_id": key.key.pk, "address": f"{key.raw}/nightly/start",
        "person_id": people["support"].pk, "client_id": made.client.pk, "prefix": made.key.prefix, "household_id": make_household().pk,
        "message_id": make_message().pk, "destination_id": place.pk, "fingerprint": place.secrets.get().fingerprint,
        "invite_id": make_invite().pk, "pk": 1, "token": invited.token, "run_id": item.run_id, "item_id": item.pk, "job": item.job,
        "alert_id": make_alert().pk, "name": "ENABLE_JOBS", "offer_id": make_offer().pk, "override_id": make_override(make_offer()).pk,
        "product_id": make_product().pk, "support_id": make_support_message().pk, "store_id": make_store().pk, "import_id": make_import(state="ready", new=1).pk,
        "kind": review.kind, "day": review.day.isoformat(), "line_key": key_of_line,
    }  # fmt: skip


@pytest.mark.parametrize("route", named(ROUTES))
def test_no_value_breaks_a_page(signed_in: Callable[..., Client], values: dict[str, Any], route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    cto = signed_in("cto", raise_request_exception=False)
    monkeypatch.setattr("tests.architecture.routes.SAMPLES", {**{"uidb36": "1", "key": "set-password", "pk": 1}, **values})
    for nasty in NASTY:
        for method in ("get", "post"):
            with transaction.atomic():
                response = getattr(cto, method)(route.url, dict.fromkeys(_names(route), nasty))
                transaction.set_rollback(True)
            assert (response.status_code < 500, method, nasty) == (True, method, nasty)
