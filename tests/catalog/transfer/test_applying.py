"""One transaction for all of it, against changes since the preview; with the same traces that people's edits leave."""

import threading

import pytest
from django.db import connection

from audit.models import AuditLog
from catalog import actions
from catalog.models import Import, Offer, Price, Product
from catalog.queries.transfer import in_the_way
from catalog.tasks import requeue_imports
from catalog.transfer import applying
from catalog.transfer.applying import carry_out
from opsportal.errors import Conflict, Invalid, NotFound
from tests.catalog.transfer.files import GTIN, OTHER_GTIN, applied, apply, now, uploaded
from tests.factories import make_import, make_offer, make_override, make_price, make_product, make_store


@pytest.fixture
def tea(db):
    return make_product(name="Tea", brand="Aurora", gtin=GTIN)


@pytest.fixture
def offer(tea):
    return make_offer(product=tea, store=make_store(key="acme"), url="https://acme.example/tea", title="Tea 500 g", price=6490)


def recorded(action: str) -> list[tuple]:
    rows = AuditLog.objects.filter(action_type=action).order_by("id")
    return [(row.entity_type, row.entity_id, row.entity_label, row.reason, row.changes, row.actor_label) for row in rows]


def test_products_are_written_and_recorded(owner, tea):
    job = applied(owner, "products", f"gtin,name,brand,category\n{GTIN},Green tea,Aurora,drinks\n{OTHER_GTIN},Mate,,\n,,,\n,,x,\n")
    new = Product.objects.get(gtin=OTHER_GTIN)
    tea.refresh_from_db()
    assert (job.state, job.reason, job.applied_by, tea.name, tea.category, tea.version) == (
        "applied",
        "new prices",
        owner.actor.label,
        "Green tea",
        "drinks",
        2,
    )
    assert (new.name, new.brand, new.category, new.status, new.version, new.search) == ("Mate", "", "", "active", 1, f"mate  {OTHER_GTIN}")
    assert job.rows.get(number=3).target_id == new.pk
    assert recorded("UPSERT_PRODUCT") == [
        ("product", str(tea.pk), "Green tea", "new prices",
         {"name": ["Tea", "Green tea"], "category": ["kitchen", "drinks"], "version": [1, 2]}, owner.actor.label),
        ("product", str(new.pk), "Mate", "new prices",
         {"name": [None, "Mate"], "gtin": [None, OTHER_GTIN], "status": [None, "active"], "version": [None, 1]}, owner.actor.label),
    ]  # fmt: skip
    assert [row[4] for row in recorded("APPLY_IMPORT")] == [{"state": ["ready", "applying"]}, {"state": ["applying", "applied"], "products": [0, 2]}]


def test_offers_are_written_recorded_and_their_prices_appended(owner, offer, tea):
    job = applied(
        owner,
        "offers",
        f"url,store,product_id,price,list_price,title\n{offer.url},,,64.00,70.00,Tea 500 g\nhttps://acme.example/n,acme,{tea.pk},5.00,,\n",
    )
    offer.refresh_from_db()
    new = Offer.objects.get(url="https://acme.example/n")
    assert (offer.price, offer.list_price, offer.version, new.price, new.currency, new.version) == (6400, 7000, 2, 500, "BRL", 1)
    history = Price.objects.order_by("id").values_list("offer", "price", "list_price", "currency", "availability", "source", "held", "by")
    assert list(history) == [
        (offer.pk, 6400, 7000, "BRL", "in_stock", "import", False, str(job.pk)), (new.pk, 500, None, "BRL", "unknown", "import", False, str(job.pk)),
    ]  # fmt: skip
    assert recorded("UPSERT_OFFER") == [
        ("offer", str(offer.pk), "Tea 500 g", "new prices",
         {"price": ["64.90 BRL", "64.00 BRL"], "list_price": [None, "70.00 BRL"], "version": [1, 2]}, owner.actor.label),
        ("offer", str(new.pk), "Tea", "new prices",
         {"url": [None, "https://acme.example/n"], "product": [None, "Tea"], "store": [None, offer.store.name], "currency": [None, "BRL"],
          "price": [None, "5.00 BRL"], "availability": [None, "unknown"], "status": [None, "active"], "version": [None, 1]}, owner.actor.label),
    ]  # fmt: skip


def test_currencies_of_every_kind_are_said_right(owner, offer):
    make_offer(product=offer.product, url="https://acme.example/yen", currency="JPY", price=500)
    applied(owner, "offers", "url,price\nhttps://acme.example/yen,600\n")
    assert recorded("UPSERT_OFFER")[0][4]["price"] == ["500 JPY", "600 JPY"]


def test_what_no_price_changes_appends_none(owner, offer):
    applied(owner, "offers", f"id,sku\n{offer.pk},T-1\n")
    offer.refresh_from_db()
    assert (offer.sku, offer.version, Price.objects.count()) == ("T-1", 2, 0)


def test_a_price_under_an_override_does_not_change_what_is_shown(owner, offer):
    make_override(offer)
    before = offer.updated_at
    applied(owner, "offers", f"id,price\n{offer.pk},1.00\n")
    offer.refresh_from_db()
    assert (offer.price, offer.version, offer.updated_at) == (100, 2, before)
    assert recorded("UPSERT_OFFER")[0][4] == {"tracked_price": ["64.90 BRL", "1.00 BRL"], "version": [1, 2]}
    applied(owner, "offers", f"id,title\n{offer.pk},Other\n")
    offer.refresh_from_db()
    assert offer.updated_at > before


def test_a_held_price_is_settled(owner, offer):
    Offer.objects.filter(pk=offer.pk).update(held_at=offer.created_at, held_price=100, held_list_price=200)
    applied(owner, "offers", f"id,price\n{offer.pk},10.00\n")
    offer.refresh_from_db()
    assert (offer.held_at, offer.held_price, offer.held_list_price) == (None, None, None)


@pytest.mark.parametrize(
    ("cell", "read_anew", "held"),
    [("title,Other", False, 100), ("availability,out_of_stock", True, 100), ("price,10.00", True, None), ("url,https://acme.example/o", True, None)],
)
def test_a_page_that_says_otherwise_is_read_anew(owner, offer, cell, read_anew, held):
    column, _comma, value = cell.partition(",")
    Offer.objects.filter(pk=offer.pk).update(etag='"old"', last_modified="then", held_at=offer.created_at, held_price=100, dismissed_price=300)
    job = applied(owner, "offers", f"id,{column}\n{offer.pk},{value}\n")
    offer.refresh_from_db()
    assert (job.state, (offer.etag, offer.last_modified) == ("", ""), offer.held_price) == ("applied", read_anew, held)
    assert offer.dismissed_price == (300 if held else None)


def test_a_product_takes_its_offers_along_and_brings_them_back(owner, offer):
    gone = make_offer(product=offer.product, status="archived")
    applied(owner, "products", f"id,status\n{offer.product_id},archived\n")
    assert sorted(Offer.objects.values_list("pk", "status", "version")) == [(offer.pk, "archived", 2), (gone.pk, "archived", 1)]
    applied(owner, "products", f"id,status\n{offer.product_id},active\n")
    assert sorted(Offer.objects.values_list("pk", "status", "version")) == [(offer.pk, "active", 3), (gone.pk, "archived", 1)]


@pytest.mark.parametrize("edit", [{"version": 2}, {"price": 6491}])
def test_an_edit_since_the_preview_stops_all_of_it(owner, offer, edit):
    other = make_offer(url="https://acme.example/other", price=100)
    job = uploaded(owner, "offers", f"id,price\n{other.pk},2.00\n{offer.pk},10.00\n")
    Offer.objects.filter(pk=offer.pk).update(**edit)
    job = apply(owner, job)
    assert (job.state, job.error) == ("ready", "Nothing was written: 1 row is not any more as it was shown, line 3 (it was changed since).")
    assert (Offer.objects.get(pk=other.pk).price, recorded("UPSERT_OFFER"), Price.objects.count()) == (100, [], 0)
    assert [(line.row.number, line.why) for line in in_the_way(job)] == [(3, "it was changed since")]


def test_it_is_compared_anew_and_applied_then(owner, offer):
    job = uploaded(owner, "offers", f"id,price\n{offer.pk},10.00\n")
    Offer.objects.filter(pk=offer.pk).update(price=1, version=5)
    job = apply(owner, job)
    actions.plan_import_again(actor=owner.actor, import_id=job.pk)
    applying_again = now(job)
    from catalog.transfer.reading import read_import

    assert (applying_again.state, read_import(job.pk), in_the_way(now(job))) == ("reading", True, [])
    assert (apply(owner, job).state, Offer.objects.get(pk=offer.pk).price) == ("applied", 1000)


def test_an_address_that_was_taken_since_stops_all_of_it(owner, offer, tea):
    job = uploaded(owner, "offers", f"url,store,product_id,price\nhttps://acme.example/n,acme,{tea.pk},5.00\n")
    make_offer(url="https://acme.example/n")
    assert (
        apply(owner, job).error == "Nothing was written: 1 row is not any more as it was shown, line 2 (its address belongs to another offer by now)."
    )


def test_a_gtin_that_was_taken_since_stops_all_of_it(owner, tea):
    job = uploaded(owner, "products", f"gtin,name\n{OTHER_GTIN},Mate\n")
    make_product(gtin=OTHER_GTIN)
    assert (
        apply(owner, job).error == "Nothing was written: 1 row is not any more as it was shown, line 2 (its GTIN belongs to another product by now)."
    )


def test_a_product_that_was_archived_since_stops_all_of_it(owner, offer, tea):
    job = uploaded(owner, "offers", f"url,store,product_id,price\nhttps://acme.example/n,acme,{tea.pk},5.00\n")
    Product.objects.update(status="archived")
    assert apply(owner, job).error == "Nothing was written: 1 row is not any more as it was shown, line 2 (its product is archived by now)."


def test_a_second_message_does_nothing(owner, offer):
    job = applied(owner, "offers", f"id,price\n{offer.pk},10.00\n")
    assert (carry_out(job.pk), Price.objects.count()) == (False, 1)


def test_an_error_half_way_leaves_nothing(owner, offer, monkeypatch):
    job = uploaded(owner, "offers", f"id,price\n{offer.pk},10.00\n")
    monkeypatch.setattr(applying, "record", lambda **values: 1 / 0)
    actions.apply_import(actor=owner.actor, import_id=job.pk, reason="x")
    with pytest.raises(ZeroDivisionError):
        carry_out(job.pk)
    assert (now(job).state, Offer.objects.get().price, recorded("UPSERT_OFFER"), Price.objects.count()) == ("applying", 6490, [], 0)
    monkeypatch.undo()
    assert (carry_out(job.pk), now(job).state, Offer.objects.get().price) == (True, "applied", 1000)


def test_applying_needs_a_reason_a_plan_and_something_to_do(owner):
    with pytest.raises(Invalid, match="Say why in a sentence"):
        actions.apply_import(actor=owner.actor, import_id=make_import(state="ready", new=1).pk, reason=" ")
    with pytest.raises(Conflict, match="The file would change nothing"):
        actions.apply_import(actor=owner.actor, import_id=make_import(state="ready").pk, reason="x")
    with pytest.raises(Conflict, match="This import is being read: there is nothing to apply"):
        actions.apply_import(actor=owner.actor, import_id=make_import().pk, reason="x")
    with pytest.raises(NotFound):
        actions.apply_import(actor=owner.actor, import_id=0, reason="x")


def test_discarding_removes_the_file_and_its_lines(owner, offer):
    job = uploaded(owner, "offers", f"id,price\n{offer.pk},10.00\n")
    actions.discard_import(actor=owner.actor, import_id=job.pk)
    assert (now(job).state, bytes(Import.objects.get().content), job.rows.count()) == ("discarded", b"", 0)
    with pytest.raises(Conflict, match="This import is discarded: it can't be discarded"):
        actions.discard_import(actor=owner.actor, import_id=job.pk)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_it_once(owner, offer):
    job = uploaded(owner, "offers", f"id,price\n{offer.pk},10.00\n")
    actions.apply_import(actor=owner.actor, import_id=job.pk, reason="x")
    barrier, answers = threading.Barrier(4), []

    def work() -> None:
        try:
            barrier.wait(60)
            answers.append(carry_out(job.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (sorted(answers)[-1], len(answers), now(job).state, Price.objects.count(), len(recorded("UPSERT_OFFER"))) == (True, 4, "applied", 1, 1)


@pytest.mark.django_db(transaction=True)
def test_while_a_worker_writes_it_nobody_else_may(owner, offer, connect):
    job = uploaded(owner, "offers", f"id,price\n{offer.pk},10.00\n")
    other = connect()
    other.execute("SELECT 1 FROM catalog_imports WHERE id = %s FOR NO KEY UPDATE", [job.pk])
    with pytest.raises(Conflict, match="Somebody works on this import"):
        actions.discard_import(actor=owner.actor, import_id=job.pk)
    actions_state = now(job).state
    other.rollback()
    assert actions_state == "ready"


@pytest.mark.django_db(transaction=True)
def test_an_address_taken_at_the_very_moment_leaves_nothing(owner, offer, tea, monkeypatch):
    job = uploaded(owner, "offers", f"url,store,product_id,price\nhttps://acme.example/n,acme,{tea.pk},5.00\n{offer.url},acme,{tea.pk},5.00\n")
    seen = applying.Writing.conflicts

    def meanwhile(self):
        found = seen(self)
        thread = threading.Thread(target=lambda: (make_offer(url="https://acme.example/n"), connection.close()))
        thread.start()
        thread.join(60)
        return found

    monkeypatch.setattr(applying.Writing, "conflicts", meanwhile)
    job = apply(owner, job)
    text = "At that very moment somebody else wrote one of the same products or offers. Nothing was written. Try it again."
    assert (job.state, job.error, Offer.objects.get(pk=offer.pk).price) == ("ready", text, 6490)


def test_the_sweep_sends_what_nobody_works_on(owner, db, monkeypatch):
    from datetime import timedelta

    from opsportal import broker, clock

    sent = []
    monkeypatch.setattr(broker, "send", lambda task, number: sent.append(number) or True)
    lost = make_import(state="applying", heartbeat_at=clock.now() - timedelta(minutes=3))
    waiting = make_import()
    make_import(heartbeat_at=clock.now())
    make_import(state="ready")
    assert (requeue_imports(), sent) == (2, [lost.pk, waiting.pk])


def test_a_history_row_is_never_older_than_the_one_before(owner, offer):
    job = uploaded(owner, "offers", f"id,price\n{offer.pk},10.00\n")
    last = make_price(offer)
    apply(owner, job)
    assert Price.objects.exclude(pk=last.pk).get().at > last.at
