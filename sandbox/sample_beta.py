"""The sample's beta: invites as they were sent, 57 households through the gate, and whom it refused."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from audit.actors import Actor
from beta.action_types import BetaAction
from beta.actions import change_program, create_invites, revoke_invite
from beta.models import Household, Invite, Refusal
from sandbox.calendar import TODAY, Calendar, stable
from sandbox.diary import Diary

SEATED_PER_DAY = (18, 14, 11, 11, 3)
SEATED_TODAY = ("07:31", "08:12", "08:58")
FIRST = ("Casa", "Família", "Apto 302", "República", "Sítio", "Vila")
LAST = (
    "Nogueira", "Teixeira", "Barros", "Okada", "Ribeiro", "Duarte", "Moraes", "Siqueira", "Antunes", "Falcão", "Queiroz", "Almeida", "Barbosa",
    "Batista", "Borges", "Campos", "Cardoso", "Castro", "Cavalcanti", "Correia", "Costa", "Cunha", "Dias", "Esteves", "Farias", "Fernandes",
    "Ferreira", "Fonseca", "Freitas", "Gomes", "Guimarães", "Leal", "Macedo", "Machado", "Marques", "Martins", "Medeiros", "Prado", "Melo",
    "Mendonça", "Miranda", "Monteiro", "Moreira", "Moura", "Nascimento", "Neves", "Nunes", "Pacheco", "Paiva", "Pereira", "Pinheiro", "Pires",
    "Ramos", "Rezende", "Sampaio", "Tavares", "Vasconcelos",
)  # fmt: skip
# Codes of the first day's batch begin here; they are read out on the telephone.
FIRST_CODE = 8701
SENT_FIRST, SENT_TODAY = 57, 4
# Why, how often, on which day.
REFUSED = (
    ("invite_used", 2, 1), ("invite_unknown", 11, 2), ("invite_used", 3, 2), ("invite_expired", 1, 2), ("invite_unknown", 1, 3), ("invite_used", 2, 3),
    ("invite_revoked", 2, 3), ("invite_unknown", 1, 4), ("invite_expired", 3, 4), ("invite_used", 1, 4), ("invite_unknown", 1, 5), ("invite_used", 1, 5),
    ("invite_expired", 2, 5),
)  # fmt: skip
SOMEBODY, PRODUCT = "203.0.113.77", "203.0.113.9"


def load(diary: Diary, product: Actor) -> list[Household]:
    """Returns the households, by seat."""
    with diary.on(0, "10:05"):
        reason = "Two weeks with friends and family, then GO or NO-GO."
        change_program(actor=diary.people["ana"], name="Closed beta", starts_on=diary.calendar.day(1), reason=reason)
    friends, waitlist = _invites(diary)
    households = _households(diary, friends, waitlist, product)
    _refusals(diary.calendar)
    return households


def _invites(diary: Diary) -> tuple[Invite, list[Invite]]:
    friends = _sent(diary, 0, "14:10", "Friends & family", uses=20, codes=["FF-KITE-20"])[0]
    waitlist = _sent(diary, 0, "14:20", "Waitlist", codes=_codes("WL", FIRST_CODE, SENT_FIRST))
    press = _sent(diary, 0, "14:35", "Press", codes=_codes("PR", 3101, 4))
    with diary.on(2, "10:30"):
        for invite in press:
            revoke_invite(actor=diary.people["ana"], invite_id=invite.pk, reason="Sent to the wrong list.")
    Invite.objects.filter(pk__in=[invite.pk for invite in press]).update(revoked_at=diary.calendar.at(2, "10:30"))
    late = _sent(diary, 3, "11:00", "Waitlist", days=1, codes=_codes("WL", FIRST_CODE + SENT_FIRST, 11))
    Invite.objects.filter(pk__in=[invite.pk for invite in late]).update(expires_at=diary.calendar.at(4, "11:00"))
    return friends, waitlist + _sent(diary, TODAY, "07:15", "Waitlist", days=3, codes=_codes("WL", FIRST_CODE + SENT_FIRST + 11, SENT_TODAY))


def _codes(letters: str, first: int, count: int) -> list[str]:
    return [f"{letters}-{first + place}" for place in range(count)]


def _sent(diary: Diary, day: int, clock: str, batch: str, *, codes: list[str], uses: int = 1, days: int = 10) -> list[Invite]:
    """Sent by Carla; then the codes are exchanged for ones that are always the same."""
    moment = diary.calendar.at(day, clock)
    with diary.at(moment):
        made = create_invites(
            actor=diary.people["carla"], count=len(codes), uses=uses, days=days, batch=batch, code=codes[0] if len(codes) == 1 else ""
        )
    for invite, code in zip(made, codes, strict=True):
        invite.code, invite.created_at = code, moment
    Invite.objects.bulk_update(made, ["code", "created_at"])
    return made


def _households(diary: Diary, friends: Invite, waitlist: list[Invite], product: Actor) -> list[Household]:
    """Seats are taken through the gate like any other; only the moments are then moved into the days past."""
    calendar = diary.calendar
    moments = [moment for day in range(1, TODAY) for moment in calendar.spread(day, SEATED_PER_DAY[day - 1])]
    moments += [calendar.at(TODAY, clock) for clock in SEATED_TODAY]
    invites = [
        friends if number % 4 == 0 else waitlist[number + (2 if number >= len(moments) - len(SEATED_TODAY) else 0)] for number in range(len(moments))
    ]
    made = []
    for number, (moment, invite) in enumerate(zip(moments, invites, strict=True)):
        key, name = f"hh_{number + 1:04}", f"{FIRST[number % len(FIRST)]} {LAST[number]}"
        household = Household.objects.create(
            id=stable("household", key), household_key=key, email=f"casa{number + 1}@example.com", name=name, invite=invite, source="api"
        )
        made.append(household)
        invite.uses += 1
        changes = {"status": (None, "active"), "seat": (None, number + 1)}
        diary.note(
            moment, product, BetaAction.CLAIM_SEAT, entity_type="household", entity_id=household.pk, entity_label=name, reason=f"Invite {invite.code}",
            changes=changes,
        )  # fmt: skip
    Invite.objects.bulk_update([friends, *waitlist], ["uses"])
    _seat_at([(moment, moment, household.pk) for moment, household in zip(moments, made, strict=True)])
    return list(Household.objects.order_by("seat"))


def _seat_at(rows: list[tuple[datetime, datetime, UUID]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE households DISABLE TRIGGER zz_beta_gate")
        cursor.executemany("UPDATE households SET seated_at = %s, created_at = %s WHERE id = %s", rows)
        cursor.execute("ALTER TABLE households ENABLE ALWAYS TRIGGER zz_beta_gate")


def _refusals(calendar: Calendar) -> None:
    """Most came to what looks like somebody's guessing: eleven codes within forty seconds."""
    made: list[Refusal] = []
    for code, count, day in REFUSED:
        guessed = count > 10
        begin = calendar.at(day, "15:20:04" if guessed else "08:40" if day == TODAY else "12:10")
        step = timedelta(seconds=4) if guessed else timedelta(seconds=20) if day == TODAY else timedelta(minutes=47)
        for number in range(count):
            at = min(begin + step * number + timedelta(seconds=len(made)), calendar.now)
            invite = f"FF-KITE-2{'O123456789A'[number % 11]}" if code == "invite_unknown" else ""
            made.append(
                Refusal(
                    at=at, code=code, household_key=f"hh_r{len(made):03}", invite_code=invite, client_label="product",
                    ip=SOMEBODY if guessed else PRODUCT,
                )
            )  # fmt: skip
    Refusal.objects.bulk_create(made)
