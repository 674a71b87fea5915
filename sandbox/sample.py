"""Sample data: a portal that is alive. Day 5 of 14, 57 of 100 households, one person per role. Never in production.

One story across all desks, told by sandbox/calendar.py; the parts are in the modules beside this one.
"""

from datetime import datetime

from django.db import connection, transaction

from accounts.action_types import AccountAction
from accounts.actions import create_api_client, create_person
from accounts.models import ApiClient, ApiKey, Person, Scope
from accounts.roles import Role
from audit.actors import Actor
from opsportal import clock
from sandbox import sample_beta, sample_billing, sample_catalog, sample_jobs, sample_pings, sample_probes, sample_reviews, sample_support
from sandbox.calendar import TODAY, Calendar
from sandbox.diary import Diary
from switches.actions import turn_off, turn_on

DOMAIN = "smartbuy.example"
PEOPLE = (
    ("ana", "Ana Souza", Role.CTO),
    ("diego", "Diego Rocha", Role.ENGINEER),
    ("bruno", "Bruno Lima", Role.CATALOG),
    ("carla", "Carla Mendes", Role.SUPPORT),
    ("vera", "Vera Lopes", Role.VIEWER),
)
# The one who was added in the moment of loading.
NEWEST = f"vera@{DOMAIN}"
SIGNED_IN = {"ana": "08:20", "bruno": "07:40", "carla": "07:05", "diego": "08:50"}
# Why it was turned off, and on again.
WHY = ("Scores look wrong for the shop that sells in euro; checking the thresholds first.", "Thresholds checked on 200 offers.")
ACTOR = Actor.system("sample data")


def is_loaded() -> bool:
    return Person.objects.filter(email__endswith=f"@{DOMAIN}").exists()


def loaded_at() -> datetime | None:
    """The moment that the story counts back from; None where it was not loaded."""
    return Person.objects.filter(email=NEWEST).values_list("created_at", flat=True).first()


@transaction.atomic
def load(password: str, shops: str) -> None:
    """Fill an empty portal. Does nothing to one that has the sample people already."""
    if is_loaded():
        return
    calendar = Calendar(clock.now())
    diary = Diary(calendar)
    _people(diary, password)
    product = _product(diary)
    _switches(diary)
    sample_pings.load(diary)
    sample_probes.load(diary, shops)
    households = sample_beta.load(diary, product)
    sample_catalog.load(diary, shops, households, product)
    sample_support.load(diary, product)
    sample_billing.load(calendar.now)
    sample_jobs.load(calendar)
    sample_reviews.load(diary)
    diary.close()


def people() -> list[tuple[str, str, str]]:
    """(email, name, role) of the sample people."""
    return [(f"{login}@{DOMAIN}", name, str(role.label)) for login, name, role in PEOPLE]


def _people(diary: Diary, password: str) -> None:
    """Ana was the first; she added the others, Vera just now. They have signed in each morning since."""
    calendar, hashed = diary.calendar, ""
    for place, (login, name, role) in enumerate(PEOPLE):
        email = f"{login}@{DOMAIN}"
        moment = calendar.now if email == NEWEST else calendar.at(0, f"09:{40 + place * 4}")
        with diary.at(moment):
            person = create_person(
                actor=diary.people.get("ana", ACTOR), email=email, name=name, role=role, reason="The team of the closed beta.",
                password=None if diary.people else password,
            )  # fmt: skip
        # One password is hashed once: that alone takes a third of a second.
        hashed = hashed or person.password
        diary.people[login] = person.actor
        hours = [calendar.at(day, SIGNED_IN[login]) for day in range(1, TODAY + 1)] if login in SIGNED_IN else []
        for at in hours:
            diary.note(
                at, person.actor, AccountAction.SIGN_IN, entity_type="person", entity_id=person.pk, entity_label=str(person),
                changes={"method": (None, "password + authenticator app")},
            )  # fmt: skip
        Person.objects.filter(pk=person.pk).update(password=hashed, created_at=moment, last_login=hours[-1] if hours else None)


def _product(diary: Diary) -> Actor:
    """The product's key, as what it does is told by its client. Nobody knows the key itself."""
    with diary.on(0, "10:20"):
        client = create_api_client(
            actor=diary.people["ana"], name="product", scopes=[Scope.SIGNUPS, Scope.FLAGS, Scope.HOUSEHOLDS, Scope.SUPPORT, Scope.BILLING],
            reason="The product signs households up and passes on what they do.",
        ).client  # fmt: skip
    ApiClient.objects.filter(pk=client.pk).update(created_at=diary.calendar.at(0, "10:20"))
    ApiKey.objects.filter(client=client).update(created_at=diary.calendar.at(0, "10:20"))
    return client.actor


def _switches(diary: Diary) -> None:
    for (day, hour), turn, reason in zip(sample_jobs.SWITCHED_OFF, (turn_off, turn_on), WHY, strict=True):
        moment = diary.calendar.at(day, hour)
        with diary.at(moment):
            turn(actor=diary.people["ana"], name=sample_jobs.SWITCHED, reason=reason)
    with connection.cursor() as cursor:
        # A trigger says since when.
        cursor.execute("ALTER TABLE switches_switch DISABLE TRIGGER switch_change")
        cursor.execute("UPDATE switches_switch SET since = %s, changed_at = %s WHERE name = %s", [moment, moment, sample_jobs.SWITCHED])
        cursor.execute("ALTER TABLE switches_switch ENABLE ALWAYS TRIGGER switch_change")
