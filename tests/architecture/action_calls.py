"""How to call each public action, so that the checks can run every one of them. A new action needs a line here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings as django_settings
from django.test import override_settings

from accounts import actions as accounts
from audit.actors import Actor
from beta import actions as beta
from beta.models import Program, Refusal
from catalog import actions as catalog
from health import actions as health
from health.probing.checking import Terms
from health.probing.expecting import Step
from jobs import actions as jobs
from jobs.models import FailedItem, Run, Trigger
from notify import actions as notify
from opsportal import clock
from switches import actions as switches
from switches.models import Switch
from tests.architecture.billing_calls import BILLING
from tests.architecture.calling import Call, prepared
from tests.architecture.review_calls import REVIEW
from tests.architecture.support_calls import SUPPORT
from tests.factories import (
    make_alert,
    make_destination,
    make_household,
    make_import,
    make_invite,
    make_message,
    make_offer,
    make_override,
    make_person,
    make_ping,
    make_probe,
    make_product,
    make_store,
)

SETUP = Actor.system("setup")
PASSWORD = "a long and unusual phrase"


def client_id() -> int:
    return accounts.create_api_client(actor=SETUP, name="product", scopes=["signups"]).client.pk


def removed_household() -> Any:
    household = make_household()
    beta.remove_household(actor=SETUP, household_id=household.pk, reason="moved")
    return household.pk


def paused_ping() -> int:
    return health.pause_ping(actor=SETUP, ping_id=make_ping().pk, reason="moved").pk


PING: dict[str, Any] = {
    "name": "Backup", "slug": "backup", "description": "", "every": None, "cron": "0 3 * * *", "time_zone": "", "grace": timedelta(hours=1),
}  # fmt: skip


STEPS = [Step("GET", "https://shop.example/")]


def deactivated_person() -> int:
    person = make_person()
    accounts.deactivate_person(actor=SETUP, person_id=person.pk, reason="left")
    return person.pk


def stopped(action: Callable[..., Any]) -> Call:
    beta.stop_signups(actor=SETUP)
    return prepared(action, reason="105 households")


def unpause() -> Call:
    beta.pause_invites(actor=SETUP, reason="quiet")
    return prepared(beta.unpause_invites, reason="again")


def claim() -> Call:
    Program.objects.update(invite_only=False)
    return prepared(beta.claim_seat, request=beta.seat.Request("hh-1", "hh1@example.com"))  # type: ignore[attr-defined]


def hold_by_environment() -> Call:
    return override_settings(BETA_SIGNUPS_PAUSED=not django_settings.BETA_SIGNUPS_PAUSED)(prepared(beta.sync_environment_stop))


def revoke_key() -> Call:
    made = accounts.create_api_client(actor=SETUP, name="product", scopes=["signups"])
    return prepared(accounts.revoke_api_key, prefix=made.key.prefix)


def accept() -> Call:
    made = accounts.invite_person(actor=SETUP, email="new@example.com", role="viewer")
    return prepared(accounts.accept_invite, token=made.token, name="New", password=PASSWORD)


def revoke_person_invite() -> Call:
    made = accounts.invite_person(actor=SETUP, email="new@example.com", role="viewer")
    return prepared(accounts.revoke_invite, invite_id=made.invite.pk)


def switched(action: Callable[..., Any], *, until: timedelta | None = None, **values: Any) -> Call:
    end = clock.now() + until if until else None
    switches.turn_off(actor=SETUP, name="ENABLE_JOBS", reason="x", until=end and max(end, clock.now() + timedelta(minutes=1)))
    if end and end < clock.now():
        Switch.objects.filter(pk="ENABLE_JOBS").update(off_until=end)
    return prepared(action, **values)


def remove_switch() -> Call:
    switches.add_switch(actor=SETUP, name="ENABLE_SPARE", description="spare")
    return prepared(switches.remove_switch, name="ENABLE_SPARE", reason="unused")


def old_message() -> Call:
    make_message(state="sent", finished_at=clock.now() - timedelta(days=31))
    return prepared(notify.purge_sent)


def old_dead_message() -> Call:
    make_message(state="dead", finished_at=clock.now() - timedelta(days=91))
    return prepared(notify.purge_dead)


def end_secret() -> Call:
    made = make_destination()
    notify.rotate_destination_secret(actor=SETUP, destination_id=made.pk)
    secret = made.secrets.earliest("pk")
    return prepared(notify.end_destination_secret, destination_id=made.pk, fingerprint=secret.fingerprint)


def dead_message() -> Any:
    return make_message(state="dead", finished_at=clock.now())


def retry_all() -> Call:
    dead_message()
    return prepared(notify.retry_messages)


def old_refusal() -> Call:
    refusal = Refusal.objects.create(code="cap_reached")
    Refusal.objects.filter(pk=refusal.pk).update(at=clock.now() - timedelta(days=91))
    return prepared(beta.purge_refusals)


def make_failed_item() -> FailedItem:
    run = Run.objects.create(job="sweep", trigger=Trigger.SCHEDULE, state="succeeded")
    return FailedItem.objects.create(job="sweep", key="outbox", run=run, error="away")


def old_run() -> Call:
    Run.objects.create(job="sweep", trigger=Trigger.SCHEDULE, state="succeeded", created_at=clock.now() - timedelta(days=31))
    return prepared(jobs.purge_runs)


def expired_override() -> Call:
    make_override(make_offer(), expires_at=clock.now() - timedelta(minutes=1))
    return prepared(catalog.expire_overrides)


def held_offer() -> int:
    return make_offer(held_price=4_000, held_at=clock.now()).pk


STORE: dict[str, Any] = {
    "name": "Shop", "currency": "BRL", "source": "page", "feed_url": "", "max_concurrency": 2, "delay_ms": 0, "is_active": True,
}  # fmt: skip


def changed_offer() -> dict[str, Any]:
    offer = make_offer()
    same = {name: getattr(offer, name) for name in ("product_id", "store_id", "url", "sku", "title", "currency", "list_price", "availability")}
    return same | {"offer_id": offer.pk, "version": 1, "price": 9_000}


def crossed_alert() -> Any:
    return make_alert(product=make_offer(price=8_000).product).pk


def bought() -> Any:
    return catalog.Bought(make_household().pk, "p-1", 9_000, "BRL", clock.now(), offer_id=make_offer().pk)


# Prepares what the action needs, and answers how to call it.
CALLS: dict[str, Callable[[], Call]] = {
    "accounts.accept_invite": accept,
    "accounts.change_api_scopes": lambda: prepared(accounts.change_api_scopes, client_id=client_id(), scopes=["flags"]),
    "accounts.change_profile": lambda: prepared(accounts.change_profile, person_id=make_person().pk, name="Bia", language="pt-br", time_zone=""),
    "accounts.change_role": lambda: prepared(accounts.change_role, person_id=make_person().pk, role="support"),
    "accounts.create_api_client": lambda: prepared(accounts.create_api_client, name="product", scopes=["signups"]),
    "accounts.create_first_person": lambda: prepared(accounts.create_first_person, email="a@example.com", name="Ana", password=PASSWORD),
    "accounts.create_person": lambda: prepared(accounts.create_person, email="a@example.com", role="viewer"),
    "accounts.deactivate_person": lambda: prepared(accounts.deactivate_person, person_id=make_person().pk, reason="left"),
    "accounts.end_sessions": lambda: prepared(accounts.end_sessions, person_id=make_person().pk),
    "accounts.invite_person": lambda: prepared(accounts.invite_person, email="new@example.com", role="viewer"),
    "accounts.reactivate_person": lambda: prepared(accounts.reactivate_person, person_id=deactivated_person()),
    "accounts.revoke_api_key": revoke_key,
    "accounts.revoke_invite": revoke_person_invite,
    "accounts.rotate_api_key": lambda: prepared(accounts.rotate_api_key, client_id=client_id()),
    "beta.change_cap": lambda: prepared(beta.change_cap, cap=90, reason="smaller"),
    "beta.change_program": lambda: prepared(beta.change_program, reason="later", starts_on=(clock.now() + timedelta(days=3)).date()),
    "beta.claim_seat": claim,
    "beta.create_invites": lambda: prepared(beta.create_invites, count=3),
    "beta.explain_stop": lambda: stopped(beta.explain_stop),
    "beta.export_invites": lambda: prepared(beta.export_invites),
    "beta.pause_invites": lambda: prepared(beta.pause_invites, reason="quiet"),
    "beta.purge_refusals": old_refusal,
    "beta.reactivate_household": lambda: prepared(beta.reactivate_household, household_id=removed_household(), reason="back"),
    "beta.release_seat": lambda: prepared(beta.release_seat, household_id=make_household().pk),
    "beta.remove_household": lambda: prepared(beta.remove_household, household_id=make_household().pk, reason="moved"),
    "beta.resume_signups": lambda: stopped(beta.resume_signups),
    "beta.revoke_invite": lambda: prepared(beta.revoke_invite, invite_id=make_invite().pk),
    "beta.stop_signups": lambda: prepared(beta.stop_signups),
    "beta.sync_environment_stop": hold_by_environment,
    "beta.unpause_invites": unpause,
    **BILLING,
    **SUPPORT,
    "catalog.accept_held_price": lambda: prepared(catalog.accept_held_price, offer_id=held_offer()),
    "catalog.apply_import": lambda: prepared(catalog.apply_import, import_id=make_import(state="ready", new=1).pk, reason="new prices"),
    "catalog.archive_offer": lambda: prepared(catalog.archive_offer, offer_id=make_offer().pk, reason="gone"),
    "catalog.archive_product": lambda: prepared(catalog.archive_product, product_id=make_offer().product_id, reason="gone"),
    "catalog.change_alert": lambda: prepared(catalog.change_alert, alert_id=make_alert().pk, target_price=8_000),
    "catalog.change_offer": lambda: prepared(catalog.change_offer, **changed_offer()),
    "catalog.change_product": lambda: prepared(
        catalog.change_product, product_id=make_product().pk, version=1, name="New", brand="", category="", gtin="", image_url=""
    ),
    "catalog.change_store": lambda: prepared(catalog.change_store, store_id=make_store().pk, version=1, **STORE),
    "catalog.change_wishes": lambda: prepared(catalog.change_wishes, household_id=make_household().pk, max_price=20_000),
    "catalog.check_risk": lambda: prepared(catalog.check_risk, offer_id=make_offer().pk),
    "catalog.create_alert": lambda: prepared(
        catalog.create_alert, household_id=make_household().pk, product_id=make_product().pk, target_price=8_000
    ),
    "catalog.create_offer": lambda: prepared(
        catalog.create_offer, product_id=make_product().pk, store_id=make_store().pk, url="https://shop.example/x", price=100
    ),
    "catalog.create_product": lambda: prepared(catalog.create_product, name="Air fryer"),
    "catalog.create_store": lambda: prepared(catalog.create_store, key="shop", **STORE),
    "catalog.discard_import": lambda: prepared(catalog.discard_import, import_id=make_import(state="ready", new=1).pk),
    "catalog.dismiss_held_price": lambda: prepared(catalog.dismiss_held_price, offer_id=held_offer()),
    "catalog.end_alert": lambda: prepared(catalog.end_alert, alert_id=make_alert().pk),
    "catalog.expire_overrides": expired_override,
    "catalog.fire_alerts": lambda: prepared(catalog.fire_alerts, alert_ids=[crossed_alert()]),
    "catalog.override_offer": lambda: prepared(catalog.override_offer, offer_id=make_offer().pk, field="price", value=9_000, reason="seen"),
    "catalog.pause_alert": lambda: prepared(catalog.pause_alert, alert_id=make_alert().pk),
    "catalog.plan_import_again": lambda: prepared(catalog.plan_import_again, import_id=make_import(state="ready", new=1).pk),
    "catalog.record_purchase": lambda: prepared(catalog.record_purchase, purchase=bought()),
    "catalog.resume_alert": lambda: prepared(catalog.resume_alert, alert_id=make_alert(status="paused").pk),
    "catalog.restore_offer": lambda: prepared(catalog.restore_offer, offer_id=make_offer(status="archived").pk),
    "catalog.restore_product": lambda: prepared(catalog.restore_product, product_id=make_product(status="archived").pk),
    "catalog.revert_override": lambda: prepared(catalog.revert_override, override_id=make_override(make_offer()).pk),
    "catalog.take_reading": lambda: prepared(
        catalog.take_reading, offer_id=make_offer().pk, price=9_000, list_price=None, currency="BRL", availability="in_stock", read_at=clock.now()
    ),
    "catalog.undo_import": lambda: prepared(catalog.undo_import, import_id=make_import(state="applied", new=1).pk, reason="wrong file"),
    "catalog.upload_import": lambda: prepared(catalog.upload_import, kind="products", name="a.csv", content=b"name,brand\nTea,Aurora\n"),
    "health.change_probe": lambda: prepared(health.change_probe, probe_id=make_probe().pk, terms=Terms("Shop"), steps=STEPS),
    "health.create_probe": lambda: prepared(health.create_probe, terms=Terms("Shop", watches_feed=True), steps=STEPS),
    "health.delete_probe": lambda: prepared(health.delete_probe, probe_id=make_probe().pk, reason="gone"),
    "health.pause_probe": lambda: prepared(health.pause_probe, probe_id=make_probe().pk, reason="moved"),
    "health.resume_probe": lambda: prepared(health.resume_probe, probe_id=make_probe(paused_at=clock.now()).pk),
    "health.run_probe": lambda: prepared(health.run_probe, probe_id=make_probe().pk),
    "health.change_ping": lambda: prepared(health.change_ping, ping_id=make_ping().pk, **PING),
    "health.create_ping": lambda: prepared(health.create_ping, **PING),
    "health.create_ping_key": lambda: prepared(health.create_ping_key),
    "health.delete_ping": lambda: prepared(health.delete_ping, ping_id=make_ping().pk, reason="gone"),
    "health.pause_ping": lambda: prepared(health.pause_ping, ping_id=make_ping().pk, reason="moved"),
    "health.resume_ping": lambda: prepared(health.resume_ping, ping_id=paused_ping()),
    "health.revoke_ping_key": lambda: prepared(health.revoke_ping_key, key_id=health.create_ping_key(actor=SETUP).key.pk),
    "jobs.change_schedule": lambda: prepared(jobs.change_schedule, job="sweep", every_seconds=120, min_interval=60, reason="quieter"),
    "jobs.purge_runs": old_run,
    "jobs.report_guessing": lambda: prepared(jobs.report_guessing, address="203.0.113.7", tries=10, seconds=60),
    "jobs.request_run": lambda: prepared(jobs.request_run, job="sweep", trigger=Trigger.PERSON),
    "jobs.rerun_failed_items": lambda: prepared(jobs.rerun_failed_items, run_id=make_failed_item().run_id),
    "jobs.set_item_aside": lambda: prepared(jobs.set_item_aside, item_id=make_failed_item().pk, reason="done by hand"),
    "jobs.stop_run": lambda: prepared(jobs.stop_run, run_id=Run.objects.create(job="sweep", trigger=Trigger.PERSON).pk),
    "notify.change_destination": lambda: prepared(notify.change_destination, destination_id=make_destination().pk, address="https://example.com/new"),
    "notify.create_destination": lambda: prepared(notify.create_destination, name="x", channel="webhook", address="https://example.com/"),
    "notify.end_destination_secret": end_secret,
    "notify.purge_dead": old_dead_message,
    "notify.purge_sent": old_message,
    "notify.retry_message": lambda: prepared(notify.retry_message, message_id=dead_message().pk),
    "notify.retry_messages": retry_all,
    "notify.rotate_destination_secret": lambda: prepared(notify.rotate_destination_secret, destination_id=make_destination().pk),
    "notify.send_test": lambda: prepared(notify.send_test, destination_id=make_destination().pk),
    "notify.set_message_aside": lambda: prepared(notify.set_message_aside, message_id=dead_message().pk, reason="too late"),
    "notify.turn_destination_off": lambda: prepared(notify.turn_destination_off, destination_id=make_destination().pk, reason="moving"),
    "notify.turn_destination_on": lambda: prepared(notify.turn_destination_on, destination_id=make_destination(is_on=False).pk),
    **REVIEW,
    "switches.add_switch": lambda: prepared(switches.add_switch, name="ENABLE_SPARE", description="spare"),
    "switches.describe_switch": lambda: prepared(switches.describe_switch, name="ENABLE_JOBS", description="all of them"),
    "switches.remove_switch": remove_switch,
    "switches.turn_off": lambda: prepared(switches.turn_off, name="ENABLE_JOBS", reason="x"),
    "switches.turn_on": lambda: switched(switches.turn_on, name="ENABLE_JOBS", reason="x"),
    "switches.turn_on_due": lambda: switched(switches.turn_on_due, until=timedelta(minutes=-1)),
}
