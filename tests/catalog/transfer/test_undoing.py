import pytest

from audit.models import AuditLog
from catalog import actions
from catalog.models import Offer, Price, Product
from catalog.queries.transfer import in_the_way
from opsportal.errors import Conflict
from tests.catalog.transfer.files import GTIN, OTHER_GTIN, applied, undo
from tests.factories import make_import, make_offer, make_product, make_store


@pytest.fixture
def tea(db):
    return make_product(name="Tea", brand="Aurora", gtin=GTIN)


@pytest.fixture
def offer(tea):
    return make_offer(product=tea, store=make_store(key="acme"), url="https://acme.example/tea", title="Tea 500 g", price=6490)


@pytest.fixture
def job(owner, offer):
    content = f"url,store,product_id,price\n{offer.url},acme,{offer.product_id},1.00\nhttps://acme.example/n,acme,{offer.product_id},2.00\n"
    return applied(owner, "offers", content)


def offers() -> list[tuple]:
    return list(Offer.objects.order_by("pk").values_list("price", "status", "version"))


def test_what_was_changed_comes_back_and_what_was_new_is_archived(owner, offer, job):
    job = undo(owner, job)
    assert (job.state, job.undone_by, offers()) == ("undone", owner.actor.label, [(6490, "active", 3), (200, "archived", 2)])
    assert list(Price.objects.filter(offer=offer).order_by("id").values_list("price", "source", "by")) == [
        (100, "import", str(job.pk)), (6490, "import", str(job.pk)),
    ]  # fmt: skip
    rows = AuditLog.objects.filter(action_type="UPSERT_OFFER", reason="wrong file").order_by("id").values_list("changes", flat=True)
    assert list(rows) == [{"price": ["1.00 BRL", "64.90 BRL"], "version": [2, 3]}, {"status": ["active", "archived"], "version": [1, 2]}]
    last = AuditLog.objects.filter(action_type="UNDO_IMPORT").latest("id")
    assert (last.changes, last.reason) == ({"state": ["undoing", "undone"], "offers": [0, 2]}, "wrong file")


def test_products_come_back_with_the_offers_that_went_with_them(owner, offer):
    job = applied(owner, "products", f"id,name,status\n{offer.product_id},Old tea,archived\n,Mate,\n")
    assert Offer.objects.get().status == "archived"
    undo(owner, job)
    assert list(Product.objects.order_by("pk").values_list("name", "status", "version")) == [("Tea", "active", 3), ("Mate", "archived", 2)]
    assert Offer.objects.get().status == "active"


@pytest.mark.parametrize("edit", [{"version": 3}, {"price": 99}])
def test_a_change_since_stops_all_of_it(owner, offer, job, edit):
    Offer.objects.filter(pk=offer.pk).update(**edit)
    before = offers()
    job = undo(owner, job)
    assert (job.state, job.error, offers()) == (
        "applied",
        "Nothing was written: 1 row is not any more as it was shown, line 2 (it was changed since).",
        before,
    )
    assert [(line.row.number, line.why) for line in in_the_way(job)] == [(2, "it was changed since")]


def test_the_rest_is_undone_if_one_says_so(owner, offer, job):
    Offer.objects.filter(pk=offer.pk).update(price=99)
    job = undo(owner, job, partly=True)
    assert (job.state, offers(), job.rows.get(number=2).problem) == ("undone", [(99, "active", 2), (200, "archived", 2)], "it was changed since")
    last = AuditLog.objects.filter(action_type="UNDO_IMPORT").latest("id")
    assert last.changes == {"state": ["undoing", "undone"], "offers": [0, 1], "left_as_they_are": [0, 1]}


def test_a_gtin_that_somebody_else_has_by_now_stops_it(owner, tea):
    job = applied(owner, "products", f"id,gtin\n{tea.pk},{OTHER_GTIN}\n")
    make_product(gtin=GTIN)
    assert (
        undo(owner, job).error == "Nothing was written: 1 row is not any more as it was shown, line 2 (its GTIN belongs to another product by now)."
    )


def test_a_new_product_that_has_offers_by_now_stops_it(owner, db):
    job = applied(owner, "products", "name\tbrand\nMate\tx\n")
    make_offer(product=Product.objects.get())
    assert undo(owner, job).error == "Nothing was written: 1 row is not any more as it was shown, line 2 (it was changed since)."


def test_only_what_was_applied_is_undone_and_only_once(owner, offer, job):
    undo(owner, job)
    for number in (job.pk, make_import(state="ready", new=1).pk):
        with pytest.raises(Conflict, match="there is nothing to undo"):
            actions.undo_import(actor=owner.actor, import_id=number, reason="x")
