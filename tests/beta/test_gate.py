import psycopg
import pytest

from beta.models import Household, Program
from tests.factories import make_household


def test_insert_takes_the_next_seat_and_moves_the_version(db):
    first, second = make_household(), make_household()
    program = Program.objects.get()
    assert (first.seat, second.seat) == (1, 2)
    assert (first.seat_version, second.seat_version) == (1, 2)
    assert (program.seats_taken, program.version) == (2, 2)


def test_insert_on_conflict_do_nothing_takes_no_seat(connect):
    sql = connect(autocommit=True)
    sql.execute("INSERT INTO households (household_key, email) VALUES ('a', 'a@x.io'), ('b', 'b@x.io'), ('a', 'a@x.io') ON CONFLICT DO NOTHING")
    assert Program.objects.get().seats_taken == 2
    assert Household.objects.count() == 2
    with pytest.raises(psycopg.errors.UniqueViolation):
        sql.execute("INSERT INTO households (household_key, email) VALUES ('a', 'a@x.io')")
    assert Program.objects.get().seats_taken == 2
