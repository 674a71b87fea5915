"""Plain make_x() functions: valid things with as little said as possible."""

from itertools import count
from typing import Any

from accounts.models import Person
from beta.models import Household, Invite

PASSWORD = "correct horse battery staple"
_numbers = count(1)


def make_person(*, role: str = "viewer", **fields: Any) -> Person:
    number = next(_numbers)
    person = Person(email=fields.pop("email", f"person{number}@example.com"), name=fields.pop("name", f"Person {number}"), role=role, **fields)
    person.set_password(PASSWORD)
    person.save()
    return person


def make_invite(**fields: Any) -> Invite:
    return Invite.objects.create(**{"code": f"TEST-{next(_numbers)}", "created_by": "tests"} | fields)


def make_household(**fields: Any) -> Household:
    number = next(_numbers)
    made = Household.objects.create(**{"household_key": f"hh-{number}", "email": f"hh{number}@example.com"} | fields)
    made.refresh_from_db()
    return made
