from datetime import timedelta

import pytest

from opsportal.lines import unregister_line
from review import actions
from review.models import ReviewLine, Snooze
from tests.factories import make_person
from tests.review.conftest import answer
from tests.review.views.conftest import DAY, HTMX, NOON, PAGE, said, swapped, text
from tests.signing_in import sign_in

LINE = f"{PAGE}lines/errors/"
AROUND = ["review-sub", "lines", "sign", "review-bar", "arrivals", "this-word"]


@pytest.fixture
def row(begun):
    review = begun()

    def now():
        return ReviewLine.objects.get(review=review, key="errors")

    return now


def test_tick_without_javascript_goes_back_to_the_line(diego, row):
    after = diego.post(f"{LINE}tick/", {"done": "1"}, follow=True)
    assert after.redirect_chain == [(f"{PAGE}#line-errors", 302)]
    assert (row().ticked_by, "1 of 2 lines done." in text(after)) == ("Diego Rocha (Engineer)", True)
    diego.post(f"{LINE}tick/", {"done": "0"})
    assert row().ticked_at is None


def test_tick_by_htmx_answers_the_line_and_what_counts_it(diego, row):
    answer = diego.post(f"{LINE}tick/", {"done": "1"}, **HTMX)
    assert swapped(answer) == AROUND
    html = answer.content.decode()
    assert html.lstrip().startswith('<li class="checkline" id="line-errors"')
    assert 'id="tick-errors" role="checkbox" aria-checked="true"' in html
    assert 'href="#line-speed"' in html
    assert row().ticked_by == "Diego Rocha (Engineer)"


def test_tick_on_a_review_that_was_signed_meanwhile_loads_the_page_anew(diego, row, owner):
    actions.sign_review(actor=owner.actor, kind="morning", day=DAY, reason="known")
    assert diego.post(f"{LINE}tick/", {"done": "1"}, **HTMX)["HX-Refresh"] == "true"
    assert said(diego.get(PAGE)) == ["Ana Souza (CTO) has signed this review: nothing of it changes any more."]
    assert row().ticked_at is None


@pytest.mark.parametrize("act", ["tick", "note", "assign", "snooze", "wake", "read"])
def test_viewer_may_do_nothing_with_a_line(vera, row, act):
    before = row()
    assert vera.post(f"{LINE}{act}/", {"done": "1", "note": "x", "reason": "x", "span": "next"}).status_code == 403
    assert (row().note, row().ticked_at, row().asked_at, Snooze.objects.count()) == ("", None, before.asked_at, 0)


@pytest.mark.parametrize("act", ["tick", "note", "assign", "snooze", "wake", "read"])
def test_nobody_does_anything_with_a_line_that_they_may_not_see(client, support, begun, act):
    begun(permission="health.manage_probes")
    Snooze.objects.create(key="errors", until=NOON + timedelta(days=1), reason="known", by="Ana")
    before = list(ReviewLine.objects.order_by("pk").values())
    answer = sign_in(client, support).post(f"{LINE}{act}/", {"done": "1", "note": "x", "reason": "x", "span": "next"})
    assert (answer.status_code, list(ReviewLine.objects.order_by("pk").values())) == (404, before)
    assert Snooze.objects.get().ended_at is None


@pytest.mark.parametrize("act", ["note", "assign", "snooze"])
def test_form_opens_in_its_line_and_on_a_page_of_its_own(diego, row, act):
    page = diego.get(f"{LINE}{act}/")
    assert ("Is errors well?" in text(page), "<!doctype html>" in page.content.decode()) == (True, True)
    inside = diego.get(f"{LINE}{act}/", **HTMX).content.decode()
    assert inside.startswith('<li class="checkline is-asked" id="line-errors"')
    assert (f'hx-post="{LINE}{act}/"' in inside, inside.count("autofocus") > 0) == (True, True)


def test_form_that_is_given_up_gives_the_line_back_with_the_focus(diego, row):
    assert 'id="note-errors" hx-get="' + f'{LINE}note/" autofocus' in diego.get(f"{LINE}?back=note", **HTMX).content.decode()
    assert diego.get(LINE)["Location"] == f"{PAGE}#line-errors"


def test_note_is_written_changed_and_taken_away(diego, row):
    answer = diego.post(f"{LINE}note/", {"note": "Carla asks them", "seen": ""}, **HTMX)
    assert (row().note, row().noted_by) == ("Carla asks them", "Diego Rocha (Engineer)")
    assert "Carla asks them Diego Rocha (Engineer), 09:05" in text(answer)
    assert ">\nCarla asks them</textarea>" in diego.get(f"{LINE}note/").content.decode()
    assert diego.post(f"{LINE}note/", {"note": "", "seen": "Carla asks them"})["Location"] == f"{PAGE}#line-errors"
    assert row().note == ""


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_stale_note_is_refused_with_what_stands_now_and_what_was_typed(diego, row, owner, headers):
    actions.note_line(actor=owner.actor, kind="morning", day=DAY, key="errors", note="Ana's", seen="")
    answer = diego.post(f"{LINE}note/", {"note": "Diego's", "seen": ""}, **headers)
    assert (answer.status_code, row().note) == (422, "Ana's")
    assert "the note is now: “Ana's”" in text(answer)
    assert ">\nDiego&#x27;s</textarea>" in answer.content.decode()
    diego.post(f"{LINE}note/", {"note": "Both", "seen": "Ana's"}, **headers)
    assert row().note == "Both"


def test_line_is_assigned_to_somebody_who_does_reviews(diego, row, operator, support, viewer):
    gone = make_person(role="support", is_active=False)
    html = diego.get(f"{LINE}assign/").content.decode()
    offered = [person.pk for person in (operator, support, viewer, gone) if f'<option value="{person.pk}"' in html]
    assert offered == [operator.pk, support.pk]
    assert html.index("Diego Rocha</option>") < html.index("Carla Mendes</option>")
    diego.post(f"{LINE}assign/", {"person_id": support.pk})
    assert "Carla Mendes takes care of it" in text(diego.get(PAGE))
    assert diego.post(f"{LINE}assign/", {"person_id": viewer.pk}).status_code == 422
    diego.post(f"{LINE}assign/", {"person_id": ""})
    assert row().assignee_id == ""


@pytest.mark.parametrize(
    ("span", "date", "days"), [("next", "", 1), ("three", "", 3), ("date", "2026-03-15", 5)],
)  # fmt: skip
def test_snoozed_line_says_until_when_and_why_and_is_no_open_fail(diego, row, span, date, days):
    diego.post(f"{LINE}snooze/", {"span": span, "date": date, "reason": "Fixed tomorrow"}, **HTMX)
    assert Snooze.objects.get().until == NOON.replace(minute=0) + timedelta(days=days)
    page = text(diego.get(PAGE))
    assert f"Snoozed until {10 + days} Mar, 09:00 by Diego Rocha (Engineer): Fixed tomorrow" in page
    assert "NO-GO" not in page
    diego.post(f"{LINE}wake/")
    assert "Signing now says NO-GO" in text(diego.get(PAGE))


@pytest.mark.parametrize(
    ("data", "said_of_it"),
    [
        ({"span": "next", "reason": ""}, "Reason : This field is required."),
        ({"span": "date", "reason": "x"}, "Day : Say until which day."),
        ({"span": "date", "date": "2026-05-30", "reason": "x"}, "Choose a moment within the next 30 days."),
    ],
)
def test_snooze_without_sense_is_refused_and_what_was_typed_stays(diego, row, data, said_of_it):
    answer = diego.post(f"{LINE}snooze/", data, **HTMX)
    assert (answer.status_code, Snooze.objects.count()) == (422, 0)
    assert said_of_it.replace(" :", ":") in text(answer).replace(" :", ":")


def test_line_is_read_again(diego, lines, begun):
    begun()
    unregister_line("errors")
    lines("errors", lambda: answer("ok", 1))
    again = diego.post(f"{LINE}read/", **HTMX)
    assert "ok Is errors well? 1 of them." in text(again)


@pytest.mark.parametrize("act", ["note", "assign", "snooze"])
def test_line_that_there_is_not_is_not_found(diego, row, act):
    assert diego.get(f"{PAGE}lines/nothing/{act}/").status_code == 404
