"""Taking duty, ending it and leaving a note, from the pages."""

from django.urls import reverse

from opsportal import clock
from review import actions
from review.models import Handover, Shift
from review.queries.duty import on_duty
from tests.review.today.test_needs import text
from tests.signing_in import sign_in

TAKE, END, NOTE, HISTORY = (reverse(name) for name in ("duty_take", "duty_end", "duty_note", "duty"))


def test_one_click_takes_a_duty_that_nobody_has(client, operator):
    sign_in(client, operator)
    page = text(client.get("/ops/"))
    assert f'<form method="post" action="{TAKE}">' in page
    answer = client.post(TAKE, follow=True)
    assert answer.redirect_chain == [("/ops/", 302)]
    assert "You are on duty. The notes that were left are yours now." in text(answer)
    assert (on_duty().person_id, f'action="{END}"' in text(answer)) == (str(operator.pk), True)


def test_a_duty_that_somebody_has_is_asked_about_first(client, operator, support):
    actions.take_duty(actor=operator.actor)
    sign_in(client, support)
    assert (f'href="{TAKE}"' in text(client.get("/ops/")), client.post(TAKE).status_code) == (True, 200)
    assert on_duty().person_id == str(operator.pk)
    page = text(client.get(TAKE))
    assert "Take duty from Diego Rocha" in page
    shift = on_duty()
    client.post(TAKE, {"instead_of": shift.pk})
    assert on_duty().person_id == str(support.pk)


def test_a_takeover_of_somebody_else_than_was_asked_about_is_asked_again(client, operator, support, owner):
    asked = actions.take_duty(actor=operator.actor)
    actions.take_duty(actor=owner.actor)
    sign_in(client, support)
    page = text(client.post(TAKE, {"instead_of": asked.pk}))
    assert ("Take duty from Ana Souza" in page, on_duty().person_id) == (True, str(owner.pk))


def test_ending_it_leaves_nobody(client, operator):
    actions.take_duty(actor=operator.actor)
    sign_in(client, operator)
    assert "Nobody is on duty until somebody takes it." in text(client.post(END, follow=True))
    assert "You are not on duty." in text(client.post(END, follow=True))
    assert on_duty() is None


def test_a_note_is_pinned_on_today(client, operator):
    sign_in(client, operator)
    page = text(client.post(NOTE, {"text": "Coffee <b>is</b> overridden.\nTea is not."}, follow=True))
    assert "Coffee &lt;b&gt;is&lt;/b&gt; overridden.<br>Tea is not." in page
    refused = client.post(NOTE, {"text": " "})
    assert (refused.status_code, Handover.objects.count()) == (422, 1)


def test_a_viewer_reads_and_does_nothing(client, viewer, operator):
    actions.take_duty(actor=operator.actor)
    actions.write_handover(actor=operator.actor, text="Coffee.")
    sign_in(client, viewer)
    for path in ("/ops/", HISTORY):
        page = text(client.get(path))
        assert ("Coffee." in page, "Diego Rocha" in page) == (True, True)
        assert [address in page for address in (f'href="{TAKE}"', f'action="{TAKE}"', f'action="{END}"', f'href="{NOTE}"')] == [False] * 4


def test_history_has_pages_of_shifts_and_of_notes_under_a_fixed_number_of_queries(client, operator, django_assert_max_num_queries):
    sign_in(client, operator)
    assert "Nobody was on duty yet" in text(client.get(HISTORY))
    over = clock.now()
    Shift.objects.bulk_create(Shift(person_id=str(number), person=f"Person {number}", ended_at=over) for number in range(60))
    Handover.objects.bulk_create(Handover(text=f"Note {number}", written_by="Bruno", written_by_id="7") for number in range(60))
    with django_assert_max_num_queries(15):
        page = text(client.get(HISTORY))
    assert ('rel="next"' in page, "Person 59" in page, "Person 0<" in page) == (True, True, False)
    page = text(client.get(f"{HISTORY}?list=notes"))
    assert ('rel="next"' in page, "Note 59" in page, "Note 0<" in page) == (True, True, False)
    assert client.get(f"{HISTORY}?cursor=broken").status_code == 400
