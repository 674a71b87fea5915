from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from django.utils.translation import gettext_lazy, override

from opsportal.lines import Act, Answer, Link, State
from opsportal.words import Figure, said
from review import actions
from review.models import Review, Sample
from review.queries.review import page_of

MORNING = datetime(2026, 3, 10, 9, 5, tzinfo=timezone.get_default_timezone())
DAY = MORNING.date()
FULL = Answer(
    State.FAIL, Figure(5_980, "BRL"), said("%(who)s lost it.", who="Ana"), (Link(said("The list"), "/ops/x"),),
    (Act(said("Mend"), "/ops/y", "review.do", is_post=True, values={"a": "b"}),),
)  # fmt: skip


@pytest.fixture
def signed(owner, support, lines):
    """A review in which everything that can be done was done. Answers the page before it was signed."""
    with time_machine.travel(MORNING, tick=False):
        Sample.objects.create(key="full", at=MORNING - timedelta(days=1, minutes=5), state="ok", value=3, figure=Figure(3).to_json())
        Review.objects.create(kind="evening", day=DAY - timedelta(days=1), begun_by="Carla", begun_by_id="1", note="Watch the shop.")
        lines("full", lambda: FULL, group="money", question=gettext_lazy("Yes"), threshold="100 %", permission="review.do")
        lines("broken", lambda: 1 / 0)
        actions.begin_review(actor=owner.actor, kind="morning")
        full = {"kind": "morning", "day": DAY, "key": "full"}
        actions.tick_line(actor=owner.actor, **full)
        actions.note_line(actor=owner.actor, **full, note="known", seen="")
        actions.assign_line(actor=owner.actor, **full, person_id=str(support.pk))
        actions.snooze_line(actor=owner.actor, key="full", until=MORNING + timedelta(hours=3), reason="the shop is down")
        actions.note_review(actor=owner.actor, kind="morning", day=DAY, note="For the evening.", seen="")
        before = page_of("morning", DAY)
        actions.sign_review(actor=owner.actor, kind="morning", day=DAY)
    return before


def what_is_shown(page):
    return [
        (line.key, line.group, line.question, line.threshold, line.permission, line.state, line.answer, line.error, line.read_at, line.tick, line.note,
         line.assignee_id, line.assignee, line.snooze, line.before)
        for line in page.lines
    ]  # fmt: skip


def test_a_signed_review_shows_what_it_showed(signed):
    page = page_of("morning", DAY)
    assert what_is_shown(page) == what_is_shown(signed)
    assert (page.note, page.earlier_note, page.begun, page.counts) == (signed.note, signed.earlier_note, signed.begun, signed.counts)
    assert (page.signed.by, page.signed.at, page.standing.status) == ("Ana Souza (CTO)", MORNING, "signed")
    full = page.line("full")
    assert (full.before.figure, full.before.day, full.tick.by) == (Figure(3), DAY - timedelta(days=1), "Ana Souza (CTO)")
    assert (page.earlier_note.kind, page.earlier_note.text) == ("evening", "Watch the shop.")


def test_nothing_that_changes_later_changes_it(signed, lines, monkeypatch, django_assert_num_queries):
    shown = what_is_shown(page_of("morning", DAY))
    Sample.objects.all().delete()
    Review.objects.filter(kind="evening").delete()
    monkeypatch.setattr("opsportal.lines._lines", {})
    lines("newer")
    with django_assert_num_queries(1):
        page = page_of("morning", DAY)
    assert what_is_shown(page) == shown
    assert page.earlier_note.text == "Watch the shop."


def test_it_reads_in_the_language_of_its_reader(signed):
    full = page_of("morning", DAY).line("full")
    assert str(full.question) == "Yes"
    with override("pt-br"):
        assert (str(full.question), str(full.figure), str(full.threshold)) == ("Sim", "R$\xa059,80", "100 %")
