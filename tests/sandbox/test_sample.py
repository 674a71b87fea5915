"""The sample data is one story: the same whenever it is loaded, never ahead of its moment, and of one mind across the desks."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, InternalError, ProgrammingError, models, transaction
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import Person
from audit.models import AuditLog
from beta.models import Household, Invite, Program, SupportMessage
from beta.queries import active_households, day_of, refusals_by_reason
from billing.models import Checkout, Finding
from catalog.models import Alert, AlertEvent, Offer, Override, Price, Purchase
from catalog.queries.feed import feed_health
from catalog.queries.override import overrides_today
from health.models import Ping
from jobs.engine.tick import tick
from jobs.models import Run, Schedule, Slot
from jobs.queries import desk
from opsportal import clock
from opsportal.lines import EVENING, MORNING, all_lines, lines_of
from opsportal.words import Figure
from review.answering import ask_line
from review.models import Handover, Review, Sample, Shift
from review.queries.review import page_of
from review.status import Status, standing_of
from sandbox import sample, sample_figures
from sandbox.calendar import TODAY, Calendar
from sandbox.shops.assortment import SHOPS, sold_by
from sandbox.shops.server import path_of
from switches.models import Switch

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
SHOPS_AT = "http://127.0.0.1:8001"
FIRST_DAY = 1
# What may lie ahead: ends, deadlines, what is due next.
AHEAD = {
    "expires_at", "until", "off_until", "deadline", "expected_at", "due_at", "ask_at", "next_at", "period_end", "current_period_end", "slots_until",
    "next_try_at", "starts_at",
}  # fmt: skip


def today_at(hour: int, minute: int) -> datetime:
    zone = timezone.get_default_timezone()
    return timezone.make_aware(datetime.combine(timezone.localdate(timezone=zone), time(hour, minute)), zone)


@dataclass(frozen=True, slots=True)
class Loaded:
    at: datetime
    people: str
    # What another loading, at ten to midnight, told.
    other: dict[str, Counter[Any]]
    # Between these two the database has stamped rows with its own clock.
    stamped: tuple[datetime, datetime]


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """Loaded once, ten minutes after midnight; each test gives back what it changes."""
    password = tmp_path_factory.mktemp("sample") / "password"
    password.write_text(f"{PASSWORD}\n")
    quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with django_db_blocker.unblock(), quick:
        other = _told_at(today_at(23, 50), password)
        with transaction.atomic():
            begun, at, people = clock.now(), today_at(0, 10), io.StringIO()
            with time_machine.travel(at, tick=False):
                call_command("sample_data", password_file=str(password), shops=SHOPS_AT, stdout=people)
            yield Loaded(at, people.getvalue(), other, (begun - timedelta(seconds=1), clock.now() + timedelta(seconds=1)))
            transaction.set_rollback(True)


def _told_at(at: datetime, password: Path) -> dict[str, Counter[Any]]:
    with transaction.atomic():
        with time_machine.travel(at, tick=False):
            call_command("sample_data", password_file=str(password), shops=SHOPS_AT, stdout=io.StringIO())
            found = told()
        transaction.set_rollback(True)
    return found


@pytest.fixture
def story(loaded: Loaded, db: None) -> Iterator[Loaded]:
    with time_machine.travel(loaded.at, tick=False):
        yield loaded


def told() -> dict[str, Counter[Any]]:
    """What every loading must tell alike: no prices, which move by the day, and no hours."""
    number = Calendar(clock.now()).number
    days = {
        Household: ("seated_at", "pk", "household_key", "name", "email", "seat", "invite__code"), Override: ("created_at", "field", "reason", "ended_because"),
        Purchase: ("bought_at", "pk", "household__household_key"), AlertEvent: ("at", "alert_id"), Review: ("signed_at", "kind", "note", "sign_reason", "signed_by"),
        Shift: ("since", "person"), Handover: ("written_at", "text", "written_by"),
    }  # fmt: skip
    rows: dict[str, Counter[Any]] = {
        model.__name__: Counter((number(at), *rest) for at, *rest in model.objects.values_list(*fields))  # type: ignore[attr-defined]
        for model, fields in days.items()
    }
    rows["counts"] = Counter((kind, tuple(sorted(counts.items()))) for kind, counts in Review.objects.values_list("kind", "counts"))
    rows["invites"] = Counter(Invite.objects.values_list("code", "batch", "uses", "max_uses", "created_by"))
    rows["checkouts"] = Counter(Checkout.objects.values_list("checkout_id", "customer_key", "plan__key", "session_id"))
    # Whether the product has had time to be told is asked by the database's own clock.
    rows["findings"] = Counter(Finding.objects.exclude(kind="product_not_told").values_list("kind", "checkout__checkout_id"))
    rows["messages"] = Counter(SupportMessage.objects.values_list("household__household_key", "body", "answer"))
    rows["pings"] = Counter(Ping.objects.values_list("uuid", "name", "verdict"))
    rows["alerts"] = Counter(Alert.objects.values_list("pk", "household__household_key", "channel", "crossings"))
    # What households bought, and of whom they heard, is named by prices.
    rows["audit"] = Counter(AuditLog.objects.exclude(entity_type__in=["alert", "purchase"]).values_list("actor_label", "action_type", "reason"))
    return rows


def line(key: str) -> Figure:
    return ask_line(next(one for one in all_lines() if one.key == key)).answer.figure


def test_every_loading_tells_the_same(story: Loaded) -> None:
    here = told()
    assert {name: (rows - story.other[name], story.other[name] - rows) for name, rows in here.items() if rows != story.other[name]} == {}
    assert min(sum(rows.values()) for rows in here.values()) > 1


def test_nothing_lies_ahead_of_the_moment_of_loading(story: Loaded) -> None:
    begin, end = story.stamped
    ahead = {}
    # When the switches were made is the migrations' affair.
    for model in set(apps.get_models()) - {Switch}:
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, models.DateTimeField) and field.name not in AHEAD]
        for name in names:
            late = model._default_manager.filter(**{f"{name}__gt": story.at}).exclude(**{f"{name}__range": (begin, end)})
            if found := late.values_list(name, flat=True).first():
                ahead[f"{model.__name__}.{name}"] = found - story.at
    assert ahead == {}
    assert AuditLog.objects.filter(created_at__gt=story.at).count() == 0


def test_audit_rows_stand_in_their_order_and_people_keep_their_hours(story: Loaded) -> None:
    rows = list(AuditLog.objects.order_by("pk").values_list("created_at", "actor_kind"))
    assert rows == sorted(rows, key=lambda row: row[0])
    hours = {timezone.localtime(at).hour for at, kind in rows if kind == "person" and at < today_at(0, 0)}
    assert (min(hours), max(hours)) == (7, 20)
    with pytest.raises((IntegrityError, InternalError, ProgrammingError), match="append-only"), transaction.atomic():
        AuditLog.objects.update(reason="another")


@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (0, 10), (2, 29), (8, 15), (12, 0), (23, 50)])
def test_the_calendar_never_runs_ahead_and_keeps_the_order(hour: int, minute: int) -> None:
    calendar = Calendar(today_at(hour, minute))
    times = [calendar.at(TODAY, clock) for clock in ("07:00", "07:31", "08:31", "09:02", "09:30")]
    assert times == sorted(times)
    assert times[-1] <= calendar.now
    assert {calendar.number(at) for at in times} == {TODAY}
    assert calendar.at(FIRST_DAY, "18:42") == today_at(18, 42) - timedelta(days=4)


def test_the_desks_are_of_one_mind(story: Loaded) -> None:
    program = Program.objects.get()
    assert (program.seats_taken, active_households(), program.cap, day_of(program)) == (57, 57, 100, TODAY)
    assert sum(Invite.objects.values_list("uses", flat=True)) == 57
    assert refusals_by_reason(clock.now() - timedelta(days=5)).total == 31
    found = {key: (line(key).value, line(key).of) for key in ("beta-seats", "overrides-today", "money-mismatches", "feed-poor", "jobs-failing")}
    assert found == {
        "beta-seats": (57, 100),
        "overrides-today": (3, 5),
        "money-mismatches": (6, None),
        "feed-poor": (8.8, None),
        "jobs-failing": (2, None),
    }
    assert (overrides_today(), Finding.objects.filter(closed_at=None).count(), feed_health().poor, feed_health().empty) == (3, 6, 5, 0)
    newest = {key: Sample.objects.filter(key=key).latest("at").value for key in found}
    assert newest == {key: value for key, (value, _of) in found.items()}
    client = Client()
    client.force_login(Person.objects.get(email="ana@smartbuy.example"))
    page = client.get("/ops/").content.decode()
    assert ("57/100" in page, "day 5 of 14" in page, sample_reviews_note() in page) == (True, True, True)


def sample_reviews_note() -> str:
    return Handover.objects.get(taken_at=None).text


def test_the_household_that_paid_is_the_same_at_every_desk(story: Loaded) -> None:
    household = Household.objects.get(household_key="hh_0038")
    checkout = Checkout.objects.get(checkout_id="chk_7Q2M9X")
    wrote = SupportMessage.objects.get(household=household)
    assert (household.name, Household.objects.filter(name__endswith="Prado").count()) == ("Família Prado", 1)
    assert (checkout.customer_key, checkout.email) == (household.household_key, household.email)
    assert (checkout.checkout_id in wrote.body, wrote.answered_at) == (True, None)
    assert household.seated_at is not None
    assert checkout.paid_at is not None
    assert household.seated_at < checkout.created_at < checkout.paid_at < wrote.received_at


def test_reviews_of_four_days_are_signed_but_for_one_that_was_missed(story: Loaded) -> None:
    calendar = Calendar(story.at)
    reviews = {(review.day, review.kind): review for review in Review.objects.all()}
    standings = {
        (number, kind): str(standing_of(kind, calendar.day(number), reviews.get((calendar.day(number), kind)), now=story.at).status)
        for number in range(1, TODAY + 1) for kind in (MORNING, EVENING)
    }  # fmt: skip
    signed = dict.fromkeys(standings, str(Status.SIGNED))
    waiting = {(2, EVENING): str(Status.MISSED), (TODAY, MORNING): str(Status.WAITING), (TODAY, EVENING): str(Status.WAITING)}
    assert standings == signed | waiting
    page = page_of(MORNING, calendar.day(3))
    assert (page.counts["warn"], page.ticked, len([one for one in page.lines if one.note])) == (2, len(lines_of(MORNING)), 3)
    assert all(review.sign_reason for review in reviews.values() if review.counts["fail"])
    with pytest.raises((IntegrityError, InternalError, ProgrammingError), match="signed"), transaction.atomic():
        Review.objects.update(note="another")


def test_every_line_has_its_figures_of_the_days_before(story: Loaded) -> None:
    assert {one.key for one in all_lines()} == set(sample_figures.MORNINGS) | set(sample_figures.EVENINGS)
    assert {one.key for one in lines_of(MORNING)} == set(sample_figures.MORNINGS)
    assert {one.key for one in lines_of(EVENING)} == set(sample_figures.EVENINGS)
    kept = Counter(Sample.objects.filter(at__gt=story.at - timedelta(hours=24)).values_list("key", flat=True))
    assert set(kept.values()) == {96}


def test_the_catalog_has_every_state_the_desk_can_show(story: Loaded) -> None:
    addresses = {f"{SHOPS_AT}{path_of(shop, good)}" for shop in SHOPS for good in sold_by(shop)}
    assert set(Offer.objects.values_list("url", flat=True)) == addresses
    assert set(Offer.objects.values_list("bucket", flat=True)) == {"safe", "watch", "risky", "unknown"}
    assert set(Offer.objects.exclude(error_code="").values_list("error_code", flat=True)) >= {"http_404", "timeout", "robots"}
    assert (Override.objects.count(), Offer.objects.exclude(held_at=None).count(), Alert.objects.count(), Purchase.objects.count()) == (11, 1, 36, 28)
    assert Price.objects.filter(held=True).exists()
    fryer = Offer.objects.get(sku="air-fryer-226", store__key="mercado-azul")
    assert (fryer.bucket, fryer.risk_score, round(100 - 100 * (fryer.price or 0) / (fryer.list_price or 1))) == ("risky", 90, 37)
    coffee = Override.objects.filter(offer__sku__startswith="coffee")
    assert set(coffee.values_list("created_by", "offer__store__key")) == {("Bruno Lima (Catalog)", "mercado-azul")}
    assert all(one.reason and one.expires_at and one.amount and one.amount < (one.tracked_amount or 0) for one in coffee)


def test_one_job_fails_and_the_real_tick_goes_on(story: Loaded) -> None:
    views = {view.job.name: view for view in desk().jobs}
    assert {name: view.last.state for name, view in views.items() if view.last} == dict.fromkeys(views, "succeeded") | {"alert-evaluator": "failed"}
    assert (views["alert-evaluator"].state, views["alert-evaluator"].standing.failures) == ("failing", 2)
    assert {name: view.items.given_up for name, view in views.items() if view.items.given_up} == {"price-tracker": 1}
    assert set(Run.objects.values_list("state", flat=True)) == {"succeeded", "failed", "interrupted"}
    assert set(Slot.objects.exclude(reason="").values_list("job", "reason")) == {("anti-cilada", "switch_off")}
    Schedule.objects.update(slots_until=story.at)
    with time_machine.travel(story.at + timedelta(minutes=2), tick=False):
        tick()
    quick = {name for name, view in views.items() if view.job.schedule.interval < timedelta(minutes=2)}
    assert set(Run.objects.filter(state="queued", job__in=quick).values_list("job", flat=True)) == quick


def test_pings_stand_as_they_should(story: Loaded) -> None:
    assert list(Ping.objects.order_by("name").values_list("name", "verdict")) == [("Newsletter", "down"), ("Nightly dump", "up"), ("Sitemap", "new")]


def test_it_is_loaded_once_and_its_people_can_sign_in(story: Loaded, tmp_path: Path, django_assert_max_num_queries: Any) -> None:
    assert [row.split()[0] for row in story.people.splitlines()] == [
        f"{name}@smartbuy.example" for name in ("ana", "diego", "bruno", "carla", "vera")
    ]
    assert all(person.check_password(PASSWORD) for person in Person.objects.all())
    assert (sample.loaded_at(), Person.objects.count()) == (story.at, 5)
    (tmp_path / "password").write_text("another one")
    out = io.StringIO()
    with django_assert_max_num_queries(3):
        call_command("sample_data", password_file=str(tmp_path / "password"), stdout=out)
    assert out.getvalue() == story.people
