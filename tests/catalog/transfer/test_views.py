import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.models import Import, Offer
from catalog.transfer import exporting
from opsportal import uploads
from tests.catalog.transfer.files import applied, now, uploaded
from tests.factories import make_import, make_offer, make_product
from tests.signing_in import FRESH_SECONDS, sign_in


@pytest.fixture
def desk(client, operator):
    return sign_in(client, operator)


def upload(client, content: bytes, *, kind: str = "products", name: str = "a.csv"):
    return client.post(reverse("catalog_import_upload"), {"kind": kind, "file": SimpleUploadedFile(name, content)})


def url(name: str, job: Import) -> str:
    return reverse(name, args=[job.pk])


def test_upload_keeps_the_file_and_shows_it(desk, operator):
    response = upload(desk, b"name,brand\nTea,x\n", name="tea.csv")
    job = Import.objects.get()
    assert (response.status_code, response["Location"]) == (302, url("catalog_import", job))
    assert (bytes(job.content), job.file_name, job.kind, job.state, job.created_by) == (
        b"name,brand\nTea,x\n",
        "tea.csv",
        "products",
        "reading",
        operator.actor.label,
    )
    assert b"It waits for a worker." in desk.get(response["Location"]).content


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", b"", "The file is empty."),
        ("a.pdf", b"%PDF", "That is neither a CSV nor an XLSX file."),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "That is a workbook of the old form (.xls)."),
    ],
)
def test_upload_that_can_not_be_taken_says_so_at_the_field(desk, name, content, why):
    response = upload(desk, content, name=name)
    assert (response.status_code, Import.objects.count()) == (422, 0)
    assert response.context["form"].errors["file"][0].startswith(why)


def test_upload_that_is_too_large_is_dropped_on_the_way_in(desk, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)
    response = upload(desk, b"x" * 1001)
    assert (response.status_code, response.context["form"].errors["file"], Import.objects.count()) == (
        422, ["The file is larger than 20 MB. Split it, and upload the parts one after the other."], 0,
    )  # fmt: skip


def test_a_body_beyond_all_measure_is_not_read(desk, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_IN_ALL", 1000)
    assert (upload(desk, b"x" * 1001).status_code, Import.objects.count()) == (400, 0)


def test_preview_shows_each_line_with_its_changes(desk, operator):
    product = make_product(name="Tea", brand="Aurora")
    job = uploaded(operator, "products", f"id,name,brand\n{product.pk},Tea,\n,Mate,y\n,,z\n")
    page = desk.get(url("catalog_import", job))
    shown = [(line.row.number, line.row.effect, line.changes, line.why) for line in page.context["page"].lines]
    assert shown == [
        (2, "changed", {"brand": ("Aurora", None)}, ""),
        (3, "new", {"name": (None, "Mate"), "brand": (None, "y"), "status": (None, "active")}, ""),
        (4, "refused", {}, "neither an id, nor a GTIN, nor a name says which product it is"),
    ]
    only = desk.get(url("catalog_import", job), {"effect": "refused"})
    assert [line.row.number for line in only.context["page"].lines] == [4]


def test_preview_goes_by_pages_in_both_directions(desk, operator):
    job = uploaded(operator, "products", "name,brand\n" + "".join(f"Tea {number},x\n" for number in range(120)))

    def page(**query):
        found = desk.get(url("catalog_import", job), query).context["page"]
        return [line.row.number for line in found.lines][:: len(found.lines) - 1 or 1], found.before, found.after

    assert page() == ([2, 51], 0, 51)
    assert page(after=51) == ([52, 101], 52, 101)
    assert page(after=101) == ([102, 121], 102, 0)
    assert page(before=102) == ([52, 101], 52, 101)
    assert page(before=52) == ([2, 51], 0, 51)


@pytest.mark.parametrize("rows", [1, 3])
def test_preview_takes_a_fixed_number_of_queries(desk, operator, rows, django_assert_num_queries):
    offers = [make_offer() for _each in range(rows)]
    job = uploaded(operator, "offers", "id,price\n" + "".join(f"{offer.pk},1.00\n" for offer in offers))
    desk.get(url("catalog_import", job))
    with django_assert_num_queries(QUERIES):
        desk.get(url("catalog_import", job))


# Some of them are the frame's: what must be looked at, for whoever may.
QUERIES = 16


def test_progress_is_a_fragment_that_ends_by_loading_the_page(desk):
    job = make_import(rows_total=10, rows_read=4, heartbeat_at=make_product().created_at)
    fragment = desk.get(url("catalog_import_progress", job), headers={"HX-Request": "true"})
    assert (fragment.status_code, b"<html" in fragment.content, b'id="live"' in fragment.content) == (200, False, True)
    Import.objects.update(state="ready")
    assert desk.get(url("catalog_import_progress", job), headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert desk.get(url("catalog_import_progress", job))["Location"] == url("catalog_import", job)


def test_apply_asks_for_a_reason_and_then_has_it_done(desk, operator):
    job = uploaded(operator, "products", "name,brand\nTea,x\n")
    refused = desk.post(url("catalog_import_apply", job), {"reason": ""})
    assert (refused.status_code, now(job).state) == (422, "ready")
    response = desk.post(url("catalog_import_apply", job), {"reason": "new season"})
    assert (response["Location"], now(job).state, now(job).asked["reason"]) == (url("catalog_import", job), "applying", "new season")


@pytest.mark.parametrize(("name", "state"), [("catalog_import_apply", "ready"), ("catalog_import_undo", "applied")])
def test_applying_and_undoing_ask_for_a_fresh_sign_in(client, operator, name, state):
    job = make_import(state=state, new=1)
    response = sign_in(client, operator, seconds_ago=FRESH_SECONDS + 1).post(url(name, job), {"reason": "x"})
    assert (response.status_code, response["Location"].split("?")[0], now(job).state) == (302, reverse("account_reauthenticate"), state)


def test_undo_takes_the_rest_only_if_told(desk, operator):
    job = applied(operator, "products", "name,brand\nTea,x\n")
    desk.post(url("catalog_import_undo", job), {"reason": "wrong", "partly": "on"})
    assert (now(job).state, now(job).asked["partly"]) == ("undoing", True)


def test_lines_in_the_way_are_listed_before_anybody_applies(desk, operator):
    offer = make_offer()
    job = uploaded(operator, "offers", f"id,price\n{offer.pk},1.00\n")
    Offer.objects.update(version=2)
    page = desk.get(url("catalog_import", job)).content.decode()
    assert ("Changed since the preview" in page, "Compare anew" in page, "Apply…" in page) == (True, True, False)


def test_discard_and_compare_anew_lead_back(desk):
    job = make_import(state="ready", new=1)
    assert desk.post(url("catalog_import_again", job))["Location"] == url("catalog_import", job)
    Import.objects.update(state="ready")
    assert (desk.post(url("catalog_import_discard", job))["Location"], now(job).state) == (reverse("catalog_imports"), "discarded")


@pytest.mark.parametrize("state", ["ready", "applied", "failed", "undone", "reading"])
def test_viewer_finds_nothing_to_click(client, viewer, state):
    job = make_import(state=state, new=1, applied_at=make_product().created_at)
    client = sign_in(client, viewer)
    pages = client.get(url("catalog_import", job)).content.decode() + client.get(reverse("catalog_imports")).content.decode()
    assert [name for name in ("apply/", "undo/", "discard/", "again/", "imports/new/") if name in pages] == []


def test_export_is_what_the_list_shows(desk):
    kept, _other = make_offer(product=make_product(category="a")), make_offer(product=make_product(category="b"))
    response = desk.get(reverse("catalog_export"), {"kind": "offers", "format": "csv", "category": "a"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert (response["Content-Type"], [line.split(",")[0] for line in text.splitlines()]) == ("text/csv; charset=utf-8", ["id", str(kept.pk)])


def test_export_as_xlsx_says_when_it_is_too_much(desk, monkeypatch):
    make_product()
    response = desk.get(reverse("catalog_export"), {"kind": "products", "format": "xlsx"})
    assert (b"".join(response.streaming_content)[:2], "attachment" in response["Content-Disposition"]) == (b"PK", True)
    monkeypatch.setattr(exporting, "MOST_ROWS", 0)
    response = desk.get(reverse("catalog_export"), {"kind": "products", "format": "xlsx"}, follow=True)
    assert "too many for an XLSX file" in response.content.decode()


@pytest.mark.parametrize("name", ["catalog_export", "catalog_import_template"])
def test_a_file_of_nothing_leads_back(desk, name):
    assert desk.get(reverse(name), {"kind": "stores", "format": "csv"})["Location"] == reverse("catalog_imports")


@pytest.mark.parametrize("kind", ["products", "offers"])
def test_templates_are_read_as_empty_files(desk, operator, kind):
    for form in ("csv", "xlsx"):
        response = desk.get(reverse("catalog_import_template"), {"kind": kind, "format": form})
        content = b"".join(response) if response.streaming else response.content
        assert uploaded(operator, kind, io.BytesIO(content).read(), f"a.{form}").error == "Below its headings the file has no rows."
