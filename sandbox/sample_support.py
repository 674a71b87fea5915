"""What the sample's households wrote to support in five days. Carla answers most of it; two wait this morning that other desks can settle."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.actors import Actor
from beta.actions import answer_message, assign_message, record_message
from beta.actions.support_intake import Written
from beta.models import SupportMessage
from sandbox.calendar import TODAY
from sandbox.diary import Diary

# Written an hour or so after the checkout chk_7Q2M9X was paid (sandbox/story.py), at whatever hour that is.
PAID_BEFORE = timedelta(hours=9, minutes=5)


@dataclass(frozen=True, slots=True)
class Told:
    """`who`: a household's number, or a stranger's address. `minutes` until it was answered; None: it waits."""

    day: int
    clock: str
    who: int | str
    channel: str
    kind: str
    subject: str
    body: str
    minutes: int | None = None
    answer: str = ""
    thread: str = ""
    by: str = "carla"
    taken: bool = False


ANSWERED = (
    Told(1, "10:12", 2, "app", "question", "Where do I say which stores I like?", "We only shop at two places. Can I leave the others out?", 14, "Profile, Stores: tick those you don't want."),
    Told(1, "11:40", 7, "whatsapp", "praise", "", "First day and the list already saved us R$ 18 on detergent. Thank you!", 32, "Thanked."),
    Told(1, "14:05", 4, "app", "bug", "The list jumps to the top", "Whenever I mark something as bought, the list jumps back to the top.\nPhone: Moto G54, Android 14.", 95, "Known, mended in the next version of the app.", by="diego"),
    Told(1, "16:48", 11, "email", "question", "Two phones, one household?", "My wife would like to see the same list on her phone. Do we need a second invite?", 21, "No: the same household key on both phones."),
    Told(1, "19:20", 9, "app", "complaint", "The alert came too late", "The alert for the rice arrived at 19:02 and the offer had ended at 18:00.", 52, "Shop ended it early without saying so; told them what the page showed and when."),
    Told(2, "08:31", 15, "whatsapp", "question", "", "Is there a way to see the price of last month?", 18, "Tap the price: the history opens."),
    Told(2, "09:55", "marina.prado@example.net", "email", "question", "Can I join?", "A friend told me about the beta. How do I get in?", 40, "Put on the waitlist; invites go out in order."),
    Told(2, "11:17", 23, "app", "bug", "Photo of the receipt is refused", "It says “file too large”. The photo has 9 MB.", 63, "Limit is 8 MB; asked for a smaller one, ticket for the app.", by="diego"),
    Told(2, "15:02", 9, "app", "complaint", "Late again", "Same as yesterday, now with the coffee filters.", 34, "Both alerts checked: the shop's feed is an hour behind. Ana has written to the shop.", thread="late alerts"),
    Told(2, "17:30", 9, "app", "complaint", "", "Understood, thank you. Please tell me when it is mended.", 25, "Will do; noted for day 6.", thread="late alerts"),
    Told(2, "20:10", 28, "app", "praise", "", "The comparison of three stores is what I always wanted.", 44, "Thanked, passed on to the team."),
    Told(3, "07:58", 31, "email", "question", "Change of address", "We move on Saturday. Will the stores change by themselves?", 27, "Yes, from the new postal code on; showed where to enter it."),
    Told(3, "10:26", 12, "whatsapp", "question", "", "Does the price include the delivery?", 12, "No, and the offer says so below the price."),
    Told(3, "13:15", 36, "app", "complaint", "“37 % off” that is none", "The air fryer was cheaper two weeks ago. This is no discount.", 58, "Right: its risk is being checked; the bucket will say so."),
    Told(3, "18:41", 40, "app", "question", "How do I cancel the Plus plan?", "I would like to end it with this month.", 36, "Ended at the end of the paid month; money back was not asked for."),
    Told(4, "08:47", 5, "email", "complaint", "Money back, but still Pro", "I got my money back, and the app still says Pro. I don't want to be charged again.", 71, "No further charge: the refund stands. The plan is looked at by billing."),
    Told(4, "10:20", 18, "app", "bug", "Search finds no “feijão” without the accent", "“feijao” gives nothing, “feijão” gives 31 items.", 29, "Reproduced, ticket for the app.", by="diego"),
    Told(4, "12:03", 44, "whatsapp", "question", "", "Can I give my seat to my sister?", 16, "Seats stay with the household; sent her to the waitlist."),
    Told(4, "16:35", 20, "app", "praise", "", "R$ 64 in one week. My mother wants in, too.", 22, "Thanked; explained the waitlist."),
    Told(TODAY, "07:34", 26, "app", "question", "", "Do the prices of today count for tomorrow?", 11, "Until the shop changes them; each shows when it was last seen."),
)  # fmt: skip
WAITING = (
    Told(
        4, "21:42", 17, "app", "complaint", "Wrong price for the coffee at Mercado Azul",
        "Your price for one pack of coffee beans, 1 kg, is the one of the two-pack.\nAt the till I paid half of it.\n\n"
        "I nearly went to another shop because of it.",
    ),
    Told(TODAY, "08:12", 33, "app", "bug", "The list is empty since I changed the postal code", "I entered the new postal code, and now there is no item at all.", taken=True),
    Told(TODAY, "08:55", 49, "whatsapp", "question", "", "How many people live in a household at most?"),
)  # fmt: skip
PAID = Told(
    TODAY, "", 38, "email", "question", "Paid, and still no Plus",
    "Good day,\n\nI paid R$ 29,90 for Plus by card an hour ago. The money has left my account, but the app still says Free.\n"
    "The order is chk_7Q2M9X.\n\nWhat do I do?",
)  # fmt: skip


def load(diary: Diary, product: Actor) -> None:
    """`product`: the client that passed it all on. In the order in which it came: a conversation is one."""
    calendar = diary.calendar
    told = [(calendar.at(one.day, one.clock), one) for one in (*ANSWERED, *WAITING)] + [(calendar.now - PAID_BEFORE, PAID)]
    for number, (moment, one) in enumerate(sorted(told, key=lambda pair: pair[0])):
        _tell(diary, product, moment, one, f"msg-{number + 1:04}")


def _tell(diary: Diary, product: Actor, moment: datetime, told: Told, key: str) -> None:
    known = isinstance(told.who, int)
    contact = f"casa{told.who}@example.com" if told.channel == "email" and known else "" if known else str(told.who)
    written = Written(
        told.body, told.channel, contact=contact, household_key=f"hh_{told.who:04}" if known else "", subject=told.subject, kind=told.kind,
        thread=told.thread, received_at=moment,
    )  # fmt: skip
    with diary.at(moment):
        message, _is_new = record_message(actor=product, message=written, idempotency_key=key, client_id=int(product.id))
    if told.taken:
        carla = diary.people["carla"]
        with diary.at(min(moment + timedelta(minutes=9), diary.calendar.now)):
            assign_message(actor=carla, message_id=message.pk, person_id=int(carla.id), was_id=None)
    if told.minutes is not None:
        at = min(moment + timedelta(minutes=told.minutes), diary.calendar.now)
        with diary.at(at):
            answer_message(actor=diary.people[told.by], message_id=message.pk, note=told.answer)
        SupportMessage.objects.filter(pk=message.pk).update(answered_at=at, first_answered_at=at)
