from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from beta.models import Program
from opsportal import clock
from opsportal.lines import Act, Answer, Link, State, unregister_line
from opsportal.words import Figure
from opsportal.words import said as words
from review import actions
from review.models import Review, ReviewLine, Sample
from tests.factories import make_person
from tests.review.conftest import answer
from tests.review.views.conftest import A_DAY, DAY, HTMX, NOON, PAGE, said, swapped, text
from tests.signing_in import sign_in


def test_due_review_says_what_it_looks_at_and_begins(diego, lines):
    lines("speed")
    lines("errors", reviews=("evening",))
    page = diego.get(PAGE)
    assert "Due since 09:00, done by 10:00." in text(page)
    assert "It looks at 1 line, now" in text(page)
    assert ("Is speed well? under 5 %" in text(page), "Is errors well?" in text(page)) == (True, False)
    after = diego.post(f"{PAGE}begin/", follow=True)
    assert after.redirect_chain == [(PAGE, 302)]
    assert "Diego Rocha (Engineer), since 09:05. 0 of 1 lines done. Figures are from 09:05." in text(after)
    assert Review.objects.get().begun_by == "Diego Rocha (Engineer)"


def test_viewer_reads_who_may_begin(vera, lines):
    lines("speed")
    page = text(vera.get(PAGE))
    assert "These roles do reviews: Support, Catalog, Engineer, CTO." in page
    assert "Begin the morning review" not in page


def test_open_review_shows_figures_words_and_what_to_do(diego, begun):
    begun()
    page = text(diego.get(PAGE))
    assert "2 lines: 1 ok, 1 fail" in page
    assert "fail Is errors well? 3 of them. Note: Is errors well? Assign: Is errors well? Snooze: Is errors well? Read again" in page
    assert "2 lines are not ticked. 1 line fails. Signing now says NO-GO for the day, with your name." in page
    assert "Sign off as NO-GO…" in page


def test_open_review_has_no_controls_for_a_viewer(vera, begun):
    begun()
    page = vera.get(PAGE)
    html = page.content.decode()
    assert "3 of them." in text(page)
    assert [word for word in (f'action="{PAGE}', "Sign off as NO-GO", "review-bar") if word in html] == []
    assert "You can look. These roles do reviews: Support, Catalog, Engineer, CTO." in text(page)


def test_acts_are_for_those_who_may(diego, vera, lines, operator):
    acts = (
        Act(words("Give a plan"), "/ops/billing/", "billing.grant"), Act(words("Run now"), "/ops/jobs/sweep/run/", "jobs.run", True, {"a": "1"}),
    )  # fmt: skip
    lines("speed", lambda: Answer(State.FAIL, Figure(1), words("One."), acts=acts))
    actions.begin_review(actor=operator.actor, kind="morning")
    page = diego.get(PAGE)
    assert "Give a plan: CTO" in text(page)
    assert 'href="/ops/billing/">Give' not in page.content.decode()
    posted = page.content.decode().split('action="/ops/jobs/sweep/run/">')[1].split("</form>")[0]
    assert ("csrfmiddlewaretoken" in posted, 'name="a" value="1"' in posted) == (True, True)
    assert "Run now: Support, Catalog, Engineer, CTO" in text(vera.get(PAGE))


def test_many_links_are_read_one_by_one(diego, lines, operator):
    evidence = tuple(Link(words("Row %(n)s", n=n), f"/ops/audit/{n}/") for n in range(6))
    lines("acts", lambda: Answer(State.WARN, Figure(6), evidence=evidence))
    actions.begin_review(actor=operator.actor, kind="morning")
    html = diego.get(PAGE).content.decode()
    opened = html.split("6 to look at, one by one")[1].split("</details>")[0]
    assert opened.count('<a href="/ops/audit/') == 6


def test_lines_being_read_are_awaited_and_arrive(diego, begun):
    review = begun()
    row = review.lines.get(key="errors")
    ReviewLine.objects.filter(pk=row.pk).update(asked_at=clock.now(), read_at=None, state="", answer={})
    page = diego.get(PAGE)
    assert "2 lines: 1 ok, 1 being read" in text(page)
    html = page.content.decode()
    assert ('<noscript><meta http-equiv="refresh" content="2"></noscript>' in html, f'hx-get="{PAGE}arrivals/?pending=errors"' in html) == (
        True,
        True,
    )
    assert f'hx-get="{PAGE}arrivals/?pending=errors"' in diego.get(f"{PAGE}arrivals/?pending=errors", **HTMX).content.decode()
    ReviewLine.objects.filter(pk=row.pk).update(read_at=row.read_at, state=row.state, answer=row.answer)
    arrived = diego.get(f"{PAGE}arrivals/?pending=errors", **HTMX)
    assert swapped(arrived) == [
        "tag-errors", "said-errors", "fig-errors", "acts-errors", "review-sub", "lines", "sign", "review-bar", "arrivals", "this-word",
    ]  # fmt: skip
    assert "hx-get" not in arrived.content.decode().split('id="arrivals"')[1]
    assert "refresh" not in diego.get(PAGE).content.decode()


def test_arrivals_of_a_review_that_was_signed_load_the_page_anew(diego, begun, operator):
    begun("ok")
    actions.sign_review(actor=operator.actor, kind="morning", day=DAY)
    assert diego.get(f"{PAGE}arrivals/?pending=errors", **HTMX)["HX-Refresh"] == "true"
    assert diego.get(f"{PAGE}arrivals/?pending=errors")["Location"] == PAGE


def test_unknown_line_says_why_and_offers_reading_again(diego, lines, operator):
    def broken():
        raise ValueError

    lines("speed", broken)
    actions.begin_review(actor=operator.actor, kind="morning")
    page = diego.get(PAGE)
    assert "unknown Is speed well? It could not be computed (ValueError). The log says more." in text(page)
    assert f'action="{PAGE}lines/speed/read/"' in page.content.decode()
    unregister_line("speed")
    lines("speed", lambda: answer("ok", 8))
    after = diego.post(f"{PAGE}read/", follow=True)
    assert (said(after), "ok Is speed well? 8 of them." in text(after)) == (["The line is read again."], True)


def test_yesterdays_is_not_read_again(client, operator, begun, moves):
    begun()
    moves.move_to(NOON + A_DAY - timedelta(hours=1))
    client = sign_in(client, operator)
    assert "Read again" not in text(client.get(PAGE))
    assert said(client.post(f"{PAGE}read/", follow=True)) == ["That day is over: what is read now belongs to today's review."]


def test_yesterday_is_compared_and_can_be_hidden(diego, lines, operator, moves):
    values = iter([("ok", 2), ("warn", 3)])
    lines("speed", lambda: answer(*next(values)))
    moves.move_to(NOON - A_DAY)
    actions.begin_review(actor=operator.actor, kind="morning")
    actions.sign_review(actor=operator.actor, kind="morning", day=DAY - A_DAY)
    moves.move_to(NOON)
    actions.begin_review(actor=operator.actor, kind="morning")
    page = diego.get(PAGE)
    assert "yesterday ok, 2" in text(page)
    assert ("is-alone" in page.content.decode(), "is-alone" in diego.get(f"{PAGE}?compare=0").content.decode()) == (False, True)


def test_days_of_the_program_lead_to_their_reviews(diego, begun):
    begun()
    html = diego.get(PAGE).content.decode()
    strip = html.split('<ol class="days">')[1].split("</ol>")[0]
    assert strip.count("<li>") == 14
    assert [day for day in range(7, 21) if f"/morning/2026-03-{day:02d}/" in strip] == [7, 8, 9, 10]
    assert (strip.count(">missed<"), strip.count(">0 of 2<")) == (3, 1)


def test_note_for_the_next_review_is_kept_and_shown_there(diego, begun, operator):
    begun("ok")
    after = diego.post(f"{PAGE}note/", {"note": "Gateway is slow.", "seen": ""}, follow=True)
    assert (said(after), Review.objects.get().note) == (["The note is saved."], "Gateway is slow.")
    assert "Note of the morning review, Tuesday 10 March Diego Rocha (Engineer) Gateway is slow." in text(
        diego.get("/ops/reviews/evening/2026-03-10/")
    )


def test_note_that_moved_meanwhile_is_not_overwritten(diego, begun, owner):
    begun()
    actions.note_review(actor=owner.actor, kind="morning", day=DAY, note="Ana's", seen="")
    page = diego.post(f"{PAGE}note/", {"note": "Diego's", "seen": ""})
    assert (page.status_code, Review.objects.get().note) == (422, "Ana's")
    assert "the note is now: “Ana's”" in text(page)
    assert ">\nDiego&#x27;s</textarea>" in page.content.decode()
    assert 'name="seen" value="Ana&#x27;s"' in page.content.decode()


def test_signing_asks_first_and_needs_a_reason_while_lines_fail(diego, begun):
    begun()
    question = diego.get(f"{PAGE}sign/")
    assert "Sign off as NO-GO?" in text(question)
    assert "These fail: “Is errors well?”." in text(question)
    assert 'required id="id_reason"' in question.content.decode()
    refused = diego.post(f"{PAGE}sign/", {"reason": " "})
    assert (refused.status_code, Review.objects.get().is_signed) == (422, False)
    assert "Lines fail: say why the review is signed all the same." in text(refused)
    after = diego.post(f"{PAGE}sign/", {"reason": "Known since Monday."}, follow=True)
    assert after.redirect_chain == [(PAGE, 302)]
    page = text(after)
    assert "Signed NO-GO Diego Rocha (Engineer), 10 March 2026, 09:05. 2 lines are not ticked. 1 line fails. Known since Monday." in page
    assert "Nothing here changes any more." in page


def test_signing_without_fails_needs_no_reason(diego, begun):
    begun("warn")
    assert "Sign off?" in text(diego.get(f"{PAGE}sign/"))
    diego.post(f"{PAGE}sign/", {"reason": ""})
    assert "Signed GO" in text(diego.get(PAGE))


def test_signed_review_is_frozen(diego, begun, operator):
    begun("ok")
    actions.note_line(actor=operator.actor, kind="morning", day=DAY, key="errors", note="Looked twice", seen="")
    actions.sign_review(actor=operator.actor, kind="morning", day=DAY)
    before = text(diego.get(PAGE))
    assert "Looked twice Diego Rocha (Engineer), 09:05" in before
    for path, data in (
        ("note/", {"note": "x"}),
        ("sign/", {"reason": "x"}),
        ("read/", {}),
        ("lines/errors/tick/", {}),
        ("lines/errors/note/", {"note": "x"}),
    ):
        diego.post(f"{PAGE}{path}", data)
    page = diego.get(PAGE)
    assert text(page).endswith(before)
    assert f'action="{PAGE}' not in page.content.decode()


def test_missed_review_says_so_with_the_figures_of_its_hour(diego, lines):
    lines("speed")
    Sample.objects.create(key="speed", at=NOON - A_DAY, state="warn", value=9, figure=Figure(9).to_json())
    page = text(diego.get("/ops/reviews/morning/2026-03-09/"))
    assert "This review was missed. Nobody began it on its day; it can't be done later." in page
    assert "What the figures said at 09:00" in page
    assert "warn Is speed well? 9 · under 5 %" in page
    assert "No figures were kept of that day" in text(diego.get("/ops/reviews/evening/2026-03-08/"))


def test_review_that_was_begun_and_not_signed_in_time_is_missed(client, operator, begun, moves):
    begun()
    moves.move_to(NOON + A_DAY)
    page = sign_in(client, operator).get(PAGE)
    assert "This review was missed. It was begun, and not signed before the next one's hour." in text(page)
    assert ("3 of them." in text(page), f'action="{PAGE}' in page.content.decode()) == (True, False)


@pytest.mark.parametrize(
    ("day", "words_of_it"),
    [("2026-03-12", "That day has not come yet. The review is due at 09:00."), ("2026-02-01", "That day is outside the program.")],
)
def test_days_without_a_review_say_why(diego, lines, day, words_of_it):
    lines("speed")
    assert words_of_it in text(diego.get(f"/ops/reviews/morning/{day}/"))


@pytest.mark.parametrize(
    "path", ["noon/2026-03-10", "morning/2026-02-30", "morning/today", "morning/20260310", "morning/9999-12-31", "evening/0001-01-01"]
)
def test_what_names_no_review_is_not_found(diego, path):
    assert (diego.get(f"/ops/reviews/{path}/").status_code, diego.post(f"/ops/reviews/{path}/begin/").status_code) == (404, 404)


def test_review_of_another_day_is_not_begun(diego, lines):
    lines("speed")
    after = diego.post("/ops/reviews/morning/2026-03-09/begin/", follow=True)
    assert (said(after), Review.objects.count()) == (["That day is over. A review can only be begun on its own day."], 0)


def test_without_a_program_a_review_can_still_be_done(diego, lines):
    Program.objects.update(starts_on=None)
    lines("speed")
    assert "Begin the morning review" in text(diego.get(PAGE))


def test_lines_that_the_person_may_not_see_are_left_out(vera, begun):
    begun(permission="billing.grant")
    page = text(vera.get(PAGE))
    assert ("Is errors well?" in page, "1 line is not shown: your role may not see it." in page) == (False, True)


def queries_of(client, path):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_a_review_takes_few_queries_however_much_there_is(diego, lines, operator):
    lines("line0", lambda: answer("fail"))
    actions.begin_review(actor=operator.actor, kind="morning")
    diego.get(PAGE)
    few = queries_of(diego, PAGE)
    for number in range(1, 7):
        lines(f"line{number}", lambda: answer("fail"))
        key = {"kind": "morning", "day": DAY, "key": f"line{number}"}
        actions.note_line(actor=operator.actor, note="n", seen="", **key)
        actions.tick_line(actor=operator.actor, **key)
        actions.assign_line(actor=operator.actor, person_id=str(make_person(role="support").pk), **key)
        actions.snooze_line(actor=operator.actor, key=f"line{number}", until=NOON + timedelta(days=2), reason="r")
    assert (queries_of(diego, PAGE), few <= 25) == (few, True)
