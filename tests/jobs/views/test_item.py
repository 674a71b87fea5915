from datetime import timedelta

from audit.models import AuditLog
from opsportal import clock
from tests.factories import make_failed_item, make_run
from tests.jobs.views.conftest import text

ITEMS = "/ops/jobs/trial/items/"


def keys(response):
    return [item.key for item in response.context["page"].rows]


def test_open_items_are_listed_with_error_attempts_and_next_try(cto, trial):
    make_failed_item(key="17", error="ValueError: no price", attempts=2, next_try_at=clock.now() + timedelta(minutes=2))
    make_failed_item(key="18", state="settled")
    response = cto.get(ITEMS)
    assert keys(response) == ["17"]
    assert "17 will be tried again 2 attempts, next ⏲ ValueError: no price" in text(response)


def test_items_are_filtered_by_state_and_are_pages(cto, trial):
    run = make_run()
    for number in range(52):
        make_failed_item(key=f"{number}", run=run, last_failed_at=clock.now() - timedelta(minutes=number))
    make_failed_item(key="done", run=run, state="settled")
    first = cto.get(ITEMS)
    second = cto.get(ITEMS, {"cursor": first.context["page"].older})
    assert keys(first) + keys(second) == [f"{number}" for number in range(52)]
    assert keys(cto.get(ITEMS, {"state": "settled"})) == ["done"]
    assert "No item is in this state" in text(cto.get(ITEMS, {"state": "given_up"}))


def test_setting_aside_needs_a_reason_and_settles_the_item(cto, trial):
    item = make_failed_item(key="17", state="given_up")
    page = f"/ops/jobs/items/{item.pk}/aside/"
    assert page in cto.get(ITEMS).content.decode()
    assert "It is not tried again by itself." in text(cto.get(page))
    refused = cto.post(page, {"reason": " "})
    item.refresh_from_db()
    assert (refused.status_code, item.state) == (422, "given_up")
    done = cto.post(page, {"reason": "the shop closed"}, follow=True)
    item.refresh_from_db()
    assert (done.redirect_chain, item.state, AuditLog.objects.get().reason) == ([(ITEMS, 302)], "settled", "the shop closed")
    assert "17 is set aside" in text(done)


def test_item_that_is_done_is_not_set_aside_again(cto, trial):
    item = make_failed_item(state="settled")
    response = cto.post(f"/ops/jobs/items/{item.pk}/aside/", {"reason": "typed text"})
    page = text(response)
    assert (response.status_code, "This item is done already." in page, "typed text" in page) == (422, True, True)
    assert cto.get("/ops/jobs/items/999999/aside/").status_code == 404


def test_viewer_reads_items_and_cannot_set_them_aside(onlooker, trial):
    item = make_failed_item(key="17")
    response = onlooker.get(ITEMS)
    assert (keys(response), "/aside/" in response.content.decode()) == (["17"], False)
    assert onlooker.post(f"/ops/jobs/items/{item.pk}/aside/", {"reason": "x"}).status_code == 403
