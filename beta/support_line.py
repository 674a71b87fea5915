"""The evening review's line about support messages."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from beta.models import SupportMessage
from beta.queries.support import Day, longest_waiting, support_day
from opsportal.lines import EVENING, Act, Answer, Line, Link, State
from opsportal.words import Figure, Words, moment

KEY = "support_messages"
MOST_LINKS = 3
# Not what they wrote: a signed review is kept for ever, a message is not.
_WAITS = {
    SupportMessage.Kind.QUESTION: gettext_noop("A question, waiting since %(since)s"),
    SupportMessage.Kind.COMPLAINT: gettext_noop("A complaint, waiting since %(since)s"),
    SupportMessage.Kind.BUG: gettext_noop("A bug, waiting since %(since)s"),
    SupportMessage.Kind.PRAISE: gettext_noop("Praise, waiting since %(since)s"),
}


def read() -> Answer:
    day = support_day()
    oldest = longest_waiting(MOST_LINKS) if day.open else []
    links = [Link(Words(_WAITS[one.kind], {"since": moment(one.waiting_since)}), _page(one)) for one in oldest]  # type: ignore[index]
    everything = Link(Words(gettext_noop("Support messages")), reverse("beta_support"))
    acts = [Act(Words(gettext_noop("Answer the oldest")), _page(one), "beta.answer_support") for one in oldest[:1]]
    return Answer(state_of(day), Figure(day.open, of=day.due) if day.due else Figure(0), _detail(day), (everything, *links), tuple(acts))


def state_of(day: Day) -> State:
    if day.is_overdue:
        return State.FAIL
    return State.WARN if day.open else State.OK


def _detail(day: Day) -> Words:
    if not day.due:
        return Words(gettext_noop("Nobody wrote today, and nobody waits for an answer."))
    counts = {"questions": day.questions, "complaints": day.complaints, "bugs": day.bugs, "praise": day.praise, "older": day.older}
    if day.median is None:
        text = gettext_noop(
            "Today: questions %(questions)s, complaints %(complaints)s, bugs %(bugs)s, praise %(praise)s; open from before: %(older)s. No first answer yet."
        )
        return Words(text, counts)
    text = gettext_noop(
        "Today: questions %(questions)s, complaints %(complaints)s, bugs %(bugs)s, praise %(praise)s; open from before: %(older)s. "
        "Median time to the first answer: %(minutes)s min."
    )
    return Words(text, counts | {"minutes": round(day.median)})


def _page(message: SupportMessage) -> str:
    return reverse("beta_support_message", args=[message.pk])


LINE = Line(
    KEY, "users", _("Support messages are answered"), _("none open; complaints within 4 h, others within 24 h"), read, "beta.view",
    reviews=(EVENING,), order=10,
)  # fmt: skip
