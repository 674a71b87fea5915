"""Sample data: a portal that is alive. Day 5 of 14, 57 of 100 households, one person per role. Never in production."""

from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from accounts.actions import create_person
from accounts.models import Person
from accounts.roles import Role
from audit.actors import Actor
from beta.actions import change_program, create_invites, revoke_invite
from beta.models import Household, Invite, Refusal
from opsportal import clock
from sandbox import sample_billing, sample_catalog, sample_jobs, sample_pings

DOMAIN = "smartbuy.example"
PEOPLE = (
    ("ana", "Ana Souza", Role.CTO),
    ("diego", "Diego Rocha", Role.ENGINEER),
    ("bruno", "Bruno Lima", Role.CATALOG),
    ("carla", "Carla Mendes", Role.SUPPORT),
    ("vera", "Vera Lopes", Role.VIEWER),
)
SEATED_PER_DAY = (18, 14, 11, 11, 3)
FIRST = ("Casa", "Família", "Apto 302", "República", "Sítio", "Vila")
LAST = ("Nogueira", "Teixeira", "Barros", "Okada", "Ribeiro", "Duarte", "Moraes", "Prado", "Siqueira", "Antunes", "Falcão", "Queiroz")
REFUSED = (("invite_unknown", 14), ("invite_used", 9), ("invite_expired", 6), ("invite_revoked", 2))
ACTOR = Actor.system("sample data")


def is_loaded() -> bool:
    return Person.objects.filter(email__endswith=f"@{DOMAIN}").exists()


def loaded_at() -> datetime | None:
    """When the sample people were made; None where there are none."""
    found: dict[str, datetime | None] = Person.objects.filter(email__endswith=f"@{DOMAIN}").aggregate(at=Min("created_at"))
    return found["at"]


@transaction.atomic
def load(password: str, shops: str) -> None:
    """Fill an empty portal. Does nothing to one that has the sample people already."""
    if is_loaded():
        return
    for login, name, role in PEOPLE:
        create_person(actor=ACTOR, email=f"{login}@{DOMAIN}", name=name, role=role, password=password, reason="Sample data")
    first_day = clock.today() - timedelta(days=len(SEATED_PER_DAY) - 1)
    change_program(actor=ACTOR, name="Closed beta", starts_on=first_day, reason="Sample data")
    friends, waitlist = _invites()
    _households(friends, waitlist, first_day)
    _refusals()
    sample_jobs.load()
    sample_pings.load(ACTOR)
    sample_catalog.load(ACTOR, shops)
    at = loaded_at()
    assert at is not None
    sample_billing.load(at)


def people() -> list[tuple[str, str, str]]:
    """(email, name, role) of the sample people."""
    return [(f"{login}@{DOMAIN}", name, str(role.label)) for login, name, role in PEOPLE]


def _invites() -> tuple[Invite, list[Invite]]:
    friends = create_invites(actor=ACTOR, count=1, uses=20, days=10, batch="Friends & family", code="FF-KITE-20")[0]
    waitlist = create_invites(actor=ACTOR, count=60, uses=1, days=9, batch="Waitlist")
    revoked = create_invites(actor=ACTOR, count=4, uses=1, days=9, batch="Press")
    for invite in revoked:
        revoke_invite(actor=ACTOR, invite_id=invite.pk, reason="Sent to the wrong list")
    late = create_invites(actor=ACTOR, count=11, uses=1, days=1, batch="Waitlist")
    Invite.objects.filter(pk__in=[invite.pk for invite in late]).update(expires_at=clock.now() - timedelta(hours=9))
    return friends, waitlist


def _households(friends: Invite, waitlist: list[Invite], first_day: date) -> None:
    """Seats are taken through the gate like any other; only the moments are then moved into the days past."""
    moments = [moment for number, seats in enumerate(SEATED_PER_DAY) for moment in _moments(first_day + timedelta(days=number), seats)]
    rows = []
    for number, moment in enumerate(moments):
        invite = friends if number % 4 == 0 else waitlist[number]
        name = f"{FIRST[number % len(FIRST)]} {LAST[number * 7 % len(LAST)]}"
        household = Household.objects.create(
            household_key=f"hh_{number + 1:04}", email=f"casa{number + 1}@example.com", name=name, invite=invite, source="api"
        )
        rows.append((moment, moment, household.pk))
        invite.uses += 1
    Invite.objects.bulk_update([friends, *waitlist], ["uses"])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE households DISABLE TRIGGER zz_beta_gate")
        cursor.executemany("UPDATE households SET seated_at = %s, created_at = %s WHERE id = %s", rows)
        cursor.execute("ALTER TABLE households ENABLE ALWAYS TRIGGER zz_beta_gate")


def _moments(day: date, count: int) -> list[datetime]:
    """Spread over the day's working hours; today's end before now."""
    zone = timezone.get_default_timezone()
    begin = datetime.combine(day, time(8), zone)
    end = min(datetime.combine(day, time(21), zone), clock.now())
    if end <= begin:
        begin = end - timedelta(minutes=count + 1)
    step = (end - begin) / (count + 1)
    return [begin + step * (number + 1) for number in range(count)]


def _refusals() -> None:
    now = clock.now()
    made = [
        Refusal(code=code, household_key=f"hh_r{number:03}", invite_code="FF-KITE-2O" if code == "invite_unknown" else "", client_label="product", ip="203.0.113.9")
        for code, count in REFUSED
        for number in range(count)
    ]  # fmt: skip
    for number, refusal in enumerate(made):
        refusal.at = now - timedelta(seconds=95 * number + 40)
    Refusal.objects.bulk_create(made)
