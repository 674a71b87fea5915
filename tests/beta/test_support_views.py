from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from beta.models import SupportMessage
from opsportal import clock
from tests.factories import make_household, make_person, make_support_message

pytestmark = pytest.mark.django_db


def text(response):
    return " ".join(response.content.decode().split())


def words(response):
    return " ".join(strip_tags(response.content.decode()).split())


def page(name, message):
    return reverse(f"beta_support_{name}", args=[message.pk])


def again(message):
    return SupportMessage.objects.get(pk=message.pk)


@pytest.fixture
def carla(client, support):
    client.force_login(support)
    return client


def test_list_begins_with_who_has_waited_longest_and_says_who_waits_too_long(carla):
    now = clock.now()
    make_support_message(subject="Later")
    make_support_message(subject="Sooner", kind="complaint", received_at=now - timedelta(hours=5), household=make_household(name="Casa A"))
    make_support_message(subject="Settled", answered_at=now)
    shown = text(carla.get(reverse("beta_support")))
    assert [shown.index("Sooner") < shown.index("Later"), "Settled" in shown, shown.count("waits too long")] == [True, False, 1]
    assert "Messages, waiting for a person: 2" in words(carla.get(reverse("beta_support")))
    assert "Settled" in text(carla.get(reverse("beta_support"), {"state": "answered"}))
    assert "Sooner" not in text(carla.get(reverse("beta_support"), {"kind": "question"}))
    assert "Later" not in text(carla.get(reverse("beta_support"), {"q": "casa a"}))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "Nobody waits for an answer"),
        ({"state": "mine"}, "None is yours"),
        ({"state": "answered"}, "None is answered yet"),
        ({"state": "all"}, "Nobody has written yet"),
        ({"q": "coffee"}, "No message matches"),
        ({"state": "nonsense", "kind": "nonsense"}, "Nobody waits for an answer"),
    ],
)
def test_empty_list_says_what_to_do(carla, query, words):
    assert words in text(carla.get(reverse("beta_support"), query))


def test_list_takes_as_many_queries_for_three_as_for_one(carla, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(40) as counted:
            assert carla.get(reverse("beta_support")).status_code == 200
        return len(counted)

    make_support_message(household=make_household())
    one = queries()
    for _number in range(2):
        make_support_message(household=make_household())
    assert queries() == one


def test_message_is_shown_as_text_with_its_line_breaks(carla):
    message = make_support_message(subject="<b>Hi</b>", body="<script>alert(1)</script>\nsecond line")
    shown = text(carla.get(page("message", message)))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>second line" in shown
    assert ("<script>alert" in shown, "<b>Hi" in shown) == (False, False)


def test_taking_and_answering_is_two_clicks(carla, support):
    message = make_support_message()
    carla.post(page("assign", message), {"person": support.pk, "was": ""})
    assert (again(message).assignee, "Yours to answer" in text(carla.get(reverse("beta_support"), {"state": "mine"}))) == (support, True)
    response = carla.post(page("answer", message), {"note": "Explained"}, follow=True)
    assert response.redirect_chain == [(page("message", message), 302)]
    assert (again(message).state, "Answered by Carla Mendes (Support)" in text(response)) == ("answered", True)


def test_who_comes_second_is_told_and_keeps_what_was_typed(carla, operator):
    message = make_support_message()
    SupportMessage.objects.filter(pk=message.pk).update(state="assigned", assignee=operator)
    refused = carla.post(page("assign", message), {"person": "", "was": ""})
    assert (refused.status_code, "It went to Diego Rocha meanwhile" in text(refused)) == (422, True)
    empty = carla.post(page("answer", message), {"note": ""})
    assert (empty.status_code, again(message).state) == (422, "assigned")


def test_reopening_classifying_and_linking(carla):
    household = make_household(household_key="hh-a", email="a@example.com")
    message = make_support_message(answered_at=clock.now())
    carla.post(page("reopen", message), {"reason": "Not settled"})
    carla.post(page("classify", message), {"kind": "complaint"})
    carla.post(page("link", message), {"household": "A@example.com"})
    kept = again(message)
    assert (kept.state, kept.kind, kept.household) == ("reopened", "complaint", household)
    assert "Answered before by tests" in text(carla.get(page("message", message)))


def test_address_of_two_households_is_no_answer(carla):
    for _number in range(2):
        make_household(email="a@example.com")
    message = make_support_message()
    for typed, words in (("a@example.com", "Several households"), ("nobody", "There is no household")):
        refused = carla.post(page("link", message), {"household": typed})
        assert (refused.status_code, words in text(refused), typed in text(refused)) == (422, True, True)
    assert again(message).household is None


def test_viewer_reads_and_is_told_who_answers(client, viewer):
    client.force_login(viewer)
    message = make_support_message(subject="Wrong price")
    shown = text(client.get(page("message", message)))
    assert ("Wrong price" in shown, "These roles can answer: Support, Engineer, CTO." in shown, page("answer", message) in shown) == (
        True,
        True,
        False,
    )
    assert [client.post(page(name, message)).status_code for name in ("answer", "assign", "reopen", "classify", "link")] == [403] * 5
    assert (again(message).state, "Messages, waiting" in words(client.get(reverse("beta_support")))) == ("open", False)


def test_unknown_message_is_not_found(carla):
    unknown = make_support_message()
    SupportMessage.objects.all().delete()
    assert [carla.get(page("message", unknown)).status_code, carla.post(page("answer", unknown), {"note": "x"}).status_code] == [404, 404]


def test_households_page_shows_what_it_wrote(carla):
    household = make_household()
    for number in range(6):
        make_support_message(household=household, subject=f"Message {number}", received_at=clock.now() - timedelta(hours=number + 1))
    make_support_message(subject="Somebody else's")
    shown = text(carla.get(reverse("beta_household", args=[household.pk])))
    assert [f"Message {number}" in shown for number in range(6)] == [True] * 5 + [False]
    assert ("All of it" in shown, "Somebody else" in shown) == (True, False)


def test_search_finds_messages(carla):
    message = make_support_message(subject="Wrong price", body="The coffee of Mercado Azul")
    found = text(carla.get(reverse("search"), {"q": "mercado azul"}))
    assert ("Wrong price" in found, page("message", message) in found) == (True, True)


def test_mail_program_opens_with_the_subject_for_messages_by_email(carla):
    mail = make_support_message(channel="email", contact="a+b@example.com", subject="Preço & café?")
    assert 'href="mailto:a%2Bb@example.com?subject=Re%3A%20Pre%C3%A7o%20%26%20caf%C3%A9%3F"' in text(carla.get(page("message", mail)))
    assert "mailto:" not in text(carla.get(page("message", make_support_message())))


def test_only_those_who_may_answer_can_be_chosen(carla):
    make_person(role="viewer", name="Vera Lopes")
    make_person(role="engineer", name="Gone Gil", is_active=False)
    shown = text(carla.get(page("message", make_support_message())))
    assert ("Vera Lopes" in shown, "Gone Gil" in shown, "Carla Mendes</option>" in shown) == (False, False, True)
