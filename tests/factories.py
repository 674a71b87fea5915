"""Plain make_x() functions: valid things with as little said as possible."""

from datetime import timedelta
from itertools import count
from typing import Any

from accounts.models import Person
from beta.models import Household, Invite, SupportMessage
from catalog.models import Alert, Import, Offer, Override, Price, Product, Store
from health.models import Ping, PingEvent, Probe, ProbeResult
from health.probing.expecting import Step
from health.probing.planning import rows_of
from jobs.models import FailedItem, Run
from notify.models import Destination, Message, Secret
from notify.sealing import fingerprint, seal
from opsportal import clock

PASSWORD = "correct horse battery staple"
SIGNING_SECRET = "whsec_of-the-tests"
_numbers = count(1)


def make_person(*, role: str = "viewer", **fields: Any) -> Person:
    number = next(_numbers)
    person = Person(email=fields.pop("email", f"person{number}@example.com"), name=fields.pop("name", f"Person {number}"), role=role, **fields)
    person.set_password(PASSWORD)
    person.save()
    return person


def make_invite(**fields: Any) -> Invite:
    return Invite.objects.create(**{"code": f"TEST-{next(_numbers)}", "created_by": "tests"} | fields)


def make_household(**fields: Any) -> Household:
    number = next(_numbers)
    made = Household.objects.create(**{"household_key": f"hh-{number}", "email": f"hh{number}@example.com"} | fields)
    made.refresh_from_db()
    return made


def make_support_message(**fields: Any) -> SupportMessage:
    """A question that has waited for an hour, unless told otherwise. `answered_at` makes it answered."""
    at = fields.pop("received_at", clock.now() - timedelta(hours=1))
    valid = {"idempotency_key": f"m-{next(_numbers)}", "channel": "app", "body": "How does it work?", "contact": "ana@example.com"}
    if "answered_at" in fields:
        valid |= {"state": "answered", "answered_by": "tests", "answer": "Like that.", "first_answered_at": fields["answered_at"]}
    known = valid | {"received_at": at, "waiting_since": at} | fields
    return SupportMessage.objects.create(search="\n".join((known.get("subject", ""), known["contact"], known["body"])).lower(), **known)


def make_destination(*, secret: str = SIGNING_SECRET, **fields: Any) -> Destination:
    made = Destination.objects.create(**{"name": f"place-{next(_numbers)}", "channel": "webhook", "address": "https://example.com/hook"} | fields)
    if made.channel == "webhook":
        Secret.objects.create(destination=made, sealed=seal(secret), fingerprint=fingerprint(secret))
    return made


def make_message(**fields: Any) -> Message:
    if "destination" not in fields and "address" not in fields:
        fields["destination"] = make_destination()
    valid = {"key": f"key-{next(_numbers)}", "channel": "webhook", "topic": "test", "body": "{}", "allowed": 12, "next_at": clock.now()}
    message = Message.objects.create(**valid | fields)
    message.refresh_from_db()
    return message


def make_ping(**fields: Any) -> Ping:
    """Every hour with ten minutes of grace, never called."""
    known = {"name": f"Ping {next(_numbers)}", "created_by": "tests", "grace": timedelta(minutes=10)}
    return Ping.objects.create(**known | ({} if "cron" in fields else {"every": timedelta(hours=1)}) | fields)


def make_ping_event(ping: Ping, **fields: Any) -> PingEvent:
    return PingEvent.objects.create(**{"ping": ping, "kind": "success", "method": "GET", "created_at": clock.now()} | fields)


def make_probe(*steps: Step, url: str = "http://127.0.0.1:9/", **fields: Any) -> Probe:
    """Every five minutes, due an hour ago, never run. Nothing listens at its address."""
    valid = {"name": f"Probe {next(_numbers)}", "created_by": "tests"} | (
        {} if "paused_at" in fields else {"due_at": clock.now() - timedelta(hours=1)}
    )
    probe = Probe.objects.create(**valid | fields)
    probe.steps.bulk_create(rows_of(probe, steps or (Step("GET", url),)))
    return probe


def make_probe_result(probe: Probe, **fields: Any) -> ProbeResult:
    """One that took half a second, an hour ago."""
    fault = {} if fields.get("ok", True) else {"fault": "status", "facts": {"status": 503, "expected": "200-299"}}
    valid = {"probe": probe, "at": clock.now() - timedelta(hours=1), "ok": True, "ms": 500, "first_ms": 300, "status": 200, "size": 1000}
    return ProbeResult.objects.create(**valid | fault | fields)


def make_run(job: str = "trial", **fields: Any) -> Run:
    """One that succeeded a second ago, unless told otherwise."""
    now = clock.now()
    over = {} if fields.get("state") in ("queued", "running") else {"ended_at": now, "ended_because": "all_done"}
    started = {} if fields.get("state") in ("queued", "refused") else {"started_at": now - timedelta(seconds=1), "heartbeat_at": now, "token": 1}
    return Run.objects.create(**{"job": job, "state": "succeeded", "trigger": "schedule"} | over | started | fields)


def make_failed_item(job: str = "trial", **fields: Any) -> FailedItem:
    run = fields.pop("run", None) or make_run(job, failed_items=1)
    return FailedItem.objects.create(**{"job": job, "key": f"item-{next(_numbers)}", "error": "ValueError: no", "run": run} | fields)


def make_store(**fields: Any) -> Store:
    number = next(_numbers)
    return Store.objects.create(**{"key": f"store-{number}", "name": f"Store {number}"} | fields)


def make_product(**fields: Any) -> Product:
    made = Product.objects.create(**{"name": f"Product {next(_numbers)}", "category": "kitchen"} | fields)
    made.refresh_from_db()
    return made


def make_offer(**fields: Any) -> Offer:
    """In stock for R$ 100.00, confirmed a minute ago."""
    number = next(_numbers)
    fields["product"] = fields.get("product") or make_product()
    fields["store"] = fields.get("store") or make_store()
    now = clock.now()
    valid = {
        "url": f"https://shop.example/{number}", "title": f"Offer {number}", "price": 10_000, "availability": "in_stock",
        "checked_at": now - timedelta(minutes=1), "confirmed_at": now - timedelta(minutes=1),
    }  # fmt: skip
    made = Offer.objects.create(**valid | fields)
    made.refresh_from_db()
    return made


def make_import(**fields: Any) -> Import:
    """A file of products that nobody has read yet."""
    valid = {"kind": "products", "file_name": "products.csv", "content": b"name,brand\nTea,Aurora\n", "created_by": "tests"}
    made = Import.objects.create(**valid | fields)
    made.refresh_from_db()
    return made


def make_price(offer: Offer, *, days_ago: float = 0, **fields: Any) -> Price:
    """A row of the history, so many days ago."""
    valid = {
        "price": 10_000,
        "currency": offer.currency,
        "availability": "in_stock",
        "source": "tracker",
        "at": clock.now() - timedelta(days=days_ago),
    }
    return Price.objects.create(offer=offer, **valid | fields)


def make_override(offer: Offer, **fields: Any) -> Override:
    return Override.objects.create(
        offer=offer, **{"field": "price", "amount": 9_000, "tracked_amount": offer.price, "reason": "seen", "created_by": "tests"} | fields
    )


def make_alert(**fields: Any) -> Alert:
    """Fires at R$ 90.00 or less."""
    fields["household"] = fields.get("household") or make_household()
    fields["product"] = fields.get("product") or make_product()
    return Alert.objects.create(**({} if "drop_percent" in fields else {"target_price": 9_000}) | fields)
