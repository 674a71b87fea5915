"""Needs by harm, whose act is whose, and sources that fail."""

from datetime import timedelta

import pytest

from opsportal import clock, needs
from opsportal.lines import Act, State
from opsportal.needs import Need
from opsportal.words import Words
from review.today.page import now_of

RUN = Act(Words("Run now"), "/ops/jobs/sweep/run/", "jobs.run", is_post=True, values={"why": "late"})
CAP = Act(Words("Change the cap"), "/ops/beta/cap/", "beta.change_program")


def need(title="Something", harm=needs.WAITING, state=State.WARN, **fields):
    return Need(harm, state, title, **fields)


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def ask(rf, owner):
    request = rf.get("/ops/")
    request.user = owner
    return request


def test_the_worst_harm_stands_first_then_what_fails_then_what_waits_longest(ask, only):
    now = clock.now()
    only(
        lambda request: [need("untidy", needs.UNTIDY, State.FAIL), need("young", since=now - timedelta(hours=1)), need("undated")],
        lambda request: [need("money", needs.MONEY), need("old", since=now - timedelta(hours=2)), need("failing", state=State.FAIL)],
    )
    assert [one.need.title for one in now_of(ask)["waiting"]] == ["money", "failing", "old", "young", "undated", "untidy"]


def test_eight_needs_are_shown_and_the_rest_is_a_step_away(ana, only):
    only(lambda request: [need(f"need {number}") for number in range(11)])
    page = text(ana.get("/ops/"))
    assert (page.count("<h3>need "), "And 3 more, less harmful than these." in page, 'href="/ops/?all=1#needs"' in page) == (8, True, True)
    page = text(ana.get("/ops/?all=1"))
    assert (page.count("<h3>need "), 'hx-get="/ops/now?all=1"' in page) == (11, True)


def test_a_post_is_a_form_and_a_page_is_a_link(ana, only):
    only(lambda request: [need("first", needs.MONEY, act=RUN), need("second", act=CAP)])
    page = text(ana.get("/ops/"))
    form = page.split('action="/ops/jobs/sweep/run/"')[1].split("</form>")[0]
    assert 'name="csrfmiddlewaretoken"' in form
    assert (
        '<input type="hidden" name="why" value="late"><button class="btn btn--primary" id="act-0">Run now<span class="vh">: first</span></button>'
        in form
    )
    assert '<a class="btn" id="act-1" href="/ops/beta/cap/">Change the cap<span class="vh">: second</span></a>' in page


def test_whoever_may_not_reads_who_may(vera, only):
    only(lambda request: [need(act=RUN), need(act=CAP)])
    page = text(vera.get("/ops/"))
    assert ("/ops/jobs/sweep/run/" in page, "/ops/beta/cap/" in page) == (False, False)
    assert "Run now: Support, Catalog, Engineer, CTO may" in page
    assert "Change the cap: Engineer, CTO may" in page


def test_a_source_that_fails_is_an_unknown_need_and_hides_no_other(ana, only):
    def breaks(request):
        yield need("lost with it")
        raise RuntimeError("no")

    breaks.__module__ = "billing.needs"
    only(breaks, lambda request: [need("another")])
    page = text(ana.get("/ops/"))
    assert ("Could not find out: Billing" in page, "another" in page, "lost with it" in page) == (True, True, False)
    assert "2 things need a person." in page


def test_texts_of_a_need_are_escaped(ana, only):
    only(lambda request: [need("<b>x</b>", detail="<i>y</i>", act=Act(Words("<u>z</u>"), "/x", "jobs.run"))])
    page = text(ana.get("/ops/"))
    assert [word in page for word in ("<b>x", "<i>y", "<u>z")] == [False, False, False]
