"""What users wrote: lists, who has waited too long, and how the day stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Person
from accounts.roles import roles_with
from beta.models import Household, SupportMessage
from beta.queries.household import find_households
from opsportal import clock

# Longer than that nobody waits for an answer.
COMPLAINT_WAITS, OTHERS_WAIT = timedelta(hours=4), timedelta(hours=24)
MOST_COUNTED = 1000
MOST_HOUSEHOLDS, MOST_WORDS, MOST_OF_THREAD, MOST_PEOPLE = 100, 8, 50, 100
NEWEST = ("received_at", "id")


@dataclass(frozen=True, slots=True)
class Listed:
    """Which messages, and the order of their keyset pages: who has waited longest comes first."""

    rows: QuerySet[SupportMessage]
    fields: tuple[str, str]
    oldest_first: bool


def find_messages(*, state: str = "open", kind: str = "", text: str = "", person_id: int | None = None) -> Listed:
    """`state`: open, mine (open, and the person's), answered, all. `text`: words of the message, or a household."""
    rows = SupportMessage.objects.select_related("household", "assignee")
    if kind:
        rows = rows.filter(kind=kind)
    if text := text.replace("\x00", "").lower():
        rows = rows.filter(_matching(text))
    match state:
        case "answered":
            return Listed(rows.filter(answered_at__isnull=False), ("answered_at", "id"), oldest_first=False)
        case "all":
            return Listed(rows, NEWEST, oldest_first=False)
        case "mine":
            rows = rows.filter(assignee_id=person_id)
    return Listed(rows.filter(answered_at=None), ("waiting_since", "id"), oldest_first=True)


def _matching(text: str) -> Q:
    words = Q()
    for word in text.split()[:MOST_WORDS]:
        words &= Q(search__contains=word)
    households = list(find_households(text=text).values_list("pk", flat=True)[:MOST_HOUSEHOLDS])
    return words | Q(household_id__in=households) if households else words


def open_messages() -> int:
    """How many wait for an answer; counted up to 1,000."""
    return SupportMessage.objects.filter(answered_at=None)[:MOST_COUNTED].count()


def thread_of(message: SupportMessage) -> list[SupportMessage]:
    """All of its conversation, this one among them, the oldest first; the 50 newest at most."""
    if not message.thread:
        return [message]
    thread = SupportMessage.objects.filter(client_id=message.client_id, thread=message.thread).select_related("assignee")
    return list(thread.order_by("-received_at", "-pk")[:MOST_OF_THREAD])[::-1]


def messages_of(household_id: UUID) -> QuerySet[SupportMessage]:
    """The newest first."""
    return SupportMessage.objects.filter(household_id=household_id).select_related("assignee").order_by(F("received_at").desc(), F("id").desc())


def answerers() -> QuerySet[Person]:
    """The people who may answer, by name; 100 at most."""
    return Person.objects.filter(is_active=True, role__in=roles_with("beta.answer_support")).order_by("name", "pk")[:MOST_PEOPLE]


def household_named(text: str) -> list[Household]:
    """By its id, its key at the product or its email address; two where an address is not one household's."""
    text = text.strip()
    try:
        return list(Household.objects.filter(pk=UUID(text)))
    except ValueError:
        found = list(Household.objects.filter(household_key=text))
        return found or list(Household.objects.filter(email__iexact=text)[:2])


def is_overdue(message: SupportMessage) -> bool:
    most = COMPLAINT_WAITS if message.kind == SupportMessage.Kind.COMPLAINT else OTHERS_WAIT
    return message.answered_at is None and message.waiting_since < clock.now() - most


def overdue_messages(most: int = MOST_COUNTED) -> QuerySet[SupportMessage]:
    """Complaints that have waited for more than 4 hours, others for more than 24; who has waited longest first."""
    now = clock.now()
    late = Q(kind=SupportMessage.Kind.COMPLAINT, waiting_since__lt=now - COMPLAINT_WAITS) | Q(waiting_since__lt=now - OTHERS_WAIT)
    return SupportMessage.objects.filter(late, answered_at=None).select_related("household").order_by("waiting_since", "pk")[:most]


def longest_waiting(most: int) -> list[SupportMessage]:
    return list(SupportMessage.objects.filter(answered_at=None).order_by("waiting_since", "pk")[:most])


@dataclass(frozen=True, slots=True)
class Day:
    """How today stands. `open` of `due` are not answered: what came today, and what was open before. `median` first answer of today, in minutes."""

    open: int
    older: int
    oldest: datetime | None
    oldest_complaint: datetime | None
    questions: int
    complaints: int
    bugs: int
    praise: int
    median: float | None

    @property
    def came(self) -> int:
        return self.questions + self.complaints + self.bugs + self.praise

    @property
    def due(self) -> int:
        return self.came + self.older

    @property
    def is_overdue(self) -> bool:
        now = clock.now()
        waits = ((self.oldest, OTHERS_WAIT), (self.oldest_complaint, COMPLAINT_WAITS))
        return any(since is not None and since < now - most for since, most in waits)


_DAY = """
    SELECT o.open, o.older, o.oldest,
           (SELECT min(waiting_since) FROM support_messages WHERE answered_at IS NULL AND kind = 'complaint'),
           c.questions, c.complaints, c.bugs, c.praise,
           (SELECT extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY first_answered_at - received_at))::float8 / 60
            FROM support_messages WHERE first_answered_at >= %(begin)s)
    FROM (SELECT count(*) AS open, count(*) FILTER (WHERE received_at < %(begin)s) AS older, min(waiting_since) AS oldest
          FROM (SELECT received_at, waiting_since FROM support_messages WHERE answered_at IS NULL ORDER BY waiting_since, id LIMIT %(most)s) AS w) AS o,
         (SELECT count(*) FILTER (WHERE kind = 'question') AS questions, count(*) FILTER (WHERE kind = 'complaint') AS complaints,
                 count(*) FILTER (WHERE kind = 'bug') AS bugs, count(*) FILTER (WHERE kind = 'praise') AS praise
          FROM support_messages WHERE received_at >= %(begin)s) AS c
"""


def support_day() -> Day:
    """Today is the team's. One query, over what waits and what came today."""
    begin = timezone.make_aware(datetime.combine(clock.today(), datetime.min.time()), timezone.get_default_timezone())
    with connection.cursor() as cursor:
        cursor.execute(_DAY, {"begin": begin, "most": MOST_COUNTED})
        return Day(*cursor.fetchone())
