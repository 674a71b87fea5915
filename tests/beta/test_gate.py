"""The gate in the database, asked in plain SQL: what holds here holds for every client."""

import psycopg
import pytest

from beta.models import Household, Program
from tests.factories import make_household, make_invite

ADD = "INSERT INTO households (household_key, email) VALUES (%s, 'a@example.com')"


@pytest.fixture
def sql(connect):
    return connect(autocommit=True)


def program():
    return Program.objects.get()


def test_insert_takes_the_next_seat_and_moves_the_version(db):
    first, second = make_household(), make_household()
    assert (first.seat, second.seat) == (1, 2)
    assert (first.seat_version, second.seat_version) == (1, 2)
    assert (first.cap_then, second.seats_taken_then) == (100, 2)
    assert (program().seats_taken, program().version) == (2, 2)


def test_insert_cannot_choose_its_seat(sql):
    row = sql.execute(
        "INSERT INTO households (household_key, email, seat, seat_version, seated_at) VALUES ('a', 'a@x.io', 99, 999, '2001-01-01') RETURNING seat, seat_version, seated_at > now() - interval '1 minute'"
    ).fetchone()
    assert row == (1, 1, True)


def test_update_cannot_move_a_seat(sql):
    make_household(household_key="a")
    sql.execute("UPDATE households SET seat = 77, seat_version = 77, seated_at = '2001-01-01', program_id = 5 WHERE household_key = 'a'")
    found = Household.objects.get()
    assert (found.seat, found.seat_version, found.program_id, found.seated_at.year > 2001) == (1, 1, 1, True)


def test_cap_is_never_passed_also_by_many_rows_at_once(sql):
    sql.execute("UPDATE beta_programs SET cap = 3")
    with pytest.raises(psycopg.DatabaseError, match="cap_reached") as refused:
        sql.execute("INSERT INTO households (household_key, email) SELECT 'k' || n, 'a@x.io' FROM generate_series(1, 4) n")
    assert refused.value.sqlstate == "OPS02"
    assert (Household.objects.count(), program().seats_taken) == (0, 0)
    sql.execute("INSERT INTO households (household_key, email) SELECT 'k' || n, 'a@x.io' FROM generate_series(1, 3) n")
    with pytest.raises(psycopg.DatabaseError, match="cap_reached"):
        sql.execute(ADD, ["k4"])
    assert sorted(Household.objects.values_list("seat", flat=True)) == [1, 2, 3]


def test_copy_passes_the_gate(sql):
    sql.execute("UPDATE beta_programs SET cap = 1")
    with pytest.raises(psycopg.DatabaseError, match="cap_reached"), sql.cursor().copy("COPY households (household_key, email) FROM STDIN") as copy:
        copy.write("a\ta@x.io\nb\tb@x.io\n")
    assert Household.objects.count() == 0


def test_replica_role_does_not_go_around_the_gate(sql):
    sql.execute("UPDATE beta_programs SET stopped_at = now()")
    sql.execute("SET session_replication_role = replica")
    with pytest.raises(psycopg.DatabaseError, match="signups_stopped"):
        sql.execute(ADD, ["a"])


def test_insert_on_conflict_do_nothing_takes_no_seat(sql):
    sql.execute("INSERT INTO households (household_key, email) VALUES ('a', 'a@x.io'), ('b', 'b@x.io'), ('a', 'a@x.io') ON CONFLICT DO NOTHING")
    assert (program().seats_taken, Household.objects.count()) == (2, 2)
    with pytest.raises(psycopg.errors.UniqueViolation):
        sql.execute(ADD, ["a"])
    assert program().seats_taken == 2


def test_insert_on_conflict_with_the_same_request_takes_no_seat(sql):
    statement = "INSERT INTO households (household_key, email, client_id, idempotency_key) VALUES (%s, 'a@x.io', 1, 'k') ON CONFLICT DO NOTHING"
    sql.execute(statement, ["a"])
    sql.execute(statement, ["b"])
    assert (program().seats_taken, Household.objects.count()) == (1, 1)


def test_insert_on_conflict_do_update_reseats_through_the_gate(sql):
    upsert = "INSERT INTO households (household_key, email) VALUES ('a', 'a@x.io') ON CONFLICT (household_key) DO UPDATE SET status = 'active', seat = excluded.seat"
    sql.execute(upsert)
    sql.execute("UPDATE households SET status = 'removed'")
    sql.execute(upsert)
    assert (program().seats_taken, Household.objects.get().seat) == (1, 1)
    sql.execute("UPDATE households SET status = 'removed'")
    sql.execute("UPDATE beta_programs SET stopped_at = now()")
    with pytest.raises(psycopg.DatabaseError, match="signups_stopped"):
        sql.execute(upsert)


def test_removed_household_frees_its_seat_for_the_next(sql):
    make_household(household_key="a")
    make_household(household_key="b")
    sql.execute("UPDATE households SET status = 'removed' WHERE household_key = 'a'")
    sql.execute(ADD, ["c"])
    sql.execute(ADD, ["d"])
    assert dict(Household.objects.values_list("household_key", "seat")) == {"a": None, "b": 2, "c": 1, "d": 3}
    sql.execute("DELETE FROM households WHERE household_key IN ('b', 'a')")
    assert (program().seats_taken, program().free_seats) == (2, [2])


def test_reactivation_passes_the_gate(sql):
    make_household(household_key="a")
    sql.execute("UPDATE households SET status = 'removed'")
    sql.execute("UPDATE beta_programs SET stopped_at = now()")
    with pytest.raises(psycopg.DatabaseError, match="signups_stopped"):
        sql.execute("UPDATE households SET status = 'active'")
    sql.execute("UPDATE beta_programs SET stopped_at = NULL")
    sql.execute("UPDATE households SET status = 'active'")
    assert program().seats_taken == 1


def test_environment_stop_holds_for_sql(sql):
    sql.execute("UPDATE beta_programs SET env_stops = '{web-1}', env_stopped_at = now()")
    with pytest.raises(psycopg.DatabaseError, match="signups_stopped"):
        sql.execute(ADD, ["a"])


def test_paused_invites_refuse_the_invited_only(sql):
    invite = make_invite()
    sql.execute("UPDATE beta_programs SET invites_paused_at = now()")
    with pytest.raises(psycopg.DatabaseError, match="invites_paused") as refused:
        sql.execute("INSERT INTO households (household_key, email, invite_id) VALUES ('a', 'a@x.io', %s)", [invite.pk])
    assert refused.value.sqlstate == "OPS03"
    sql.execute(ADD, ["b"])
    assert program().seats_taken == 1


def test_cap_below_the_seats_taken_seats_nobody_and_removes_nobody(sql):
    for key in "abc":
        sql.execute(ADD, [key])
    sql.execute("UPDATE beta_programs SET cap = 1")
    with pytest.raises(psycopg.DatabaseError, match="cap_reached"):
        sql.execute(ADD, ["d"])
    assert program().seats_taken == 3


def test_counter_can_only_be_set_to_the_truth(sql):
    sql.execute(ADD, ["a"])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute("UPDATE beta_programs SET seats_taken = 0")
    assert program().seats_taken == 1


# Without CASCADE the tables that refer to households refuse, before the gate is asked.
@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("TRUNCATE households", psycopg.errors.FeatureNotSupported),
        ("TRUNCATE households CASCADE", psycopg.errors.InsufficientPrivilege),
        ("TRUNCATE beta_programs", psycopg.errors.InsufficientPrivilege),
        ("DELETE FROM beta_programs", psycopg.errors.InsufficientPrivilege),
    ],
)
def test_seats_cannot_be_swept_away(sql, statement, refusal):
    sql.execute(ADD, ["a"])
    with pytest.raises(refusal):
        sql.execute(statement)
    assert (Household.objects.count(), program().seats_taken) == (1, 1)


def test_stop_version_is_the_place_of_the_stop_in_the_order(sql):
    sql.execute(ADD, ["a"])
    sql.execute("UPDATE beta_programs SET stopped_at = now()")
    assert (program().stop_version, program().version) == (2, 2)
    sql.execute("UPDATE beta_programs SET stop_reason = 'x'")
    assert (program().stop_version, program().version) == (2, 3)
    sql.execute("UPDATE beta_programs SET stopped_at = NULL")
    assert program().stop_version is None


def test_limited_role_needs_rights_on_households_alone(sql, connect):
    sql.execute("DROP ROLE IF EXISTS shop_product")
    sql.execute("CREATE ROLE shop_product")
    sql.execute("GRANT INSERT, SELECT ON households TO shop_product; GRANT SELECT ON beta_programs TO shop_product")
    product = connect(autocommit=True)
    try:
        product.execute("SET ROLE shop_product")
        product.execute("CREATE TEMP TABLE beta_programs (LIKE public.beta_programs)")  # must not be taken for the real one
        product.execute("SET search_path = pg_temp, public")
        product.execute("INSERT INTO public.households (household_key, email) VALUES ('a', 'a@x.io')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            product.execute("UPDATE public.beta_programs SET cap = 1000")
    finally:
        product.execute("RESET ROLE")
        sql.execute("DROP OWNED BY shop_product")
        sql.execute("DROP ROLE shop_product")
    assert program().seats_taken == 1


def test_claim_waits_for_an_open_stop_and_is_refused_by_it(connect):
    stopper, claimer = connect(), connect(autocommit=True)
    stopper.execute("UPDATE beta_programs SET stopped_at = now()")
    claimer.execute("SET lock_timeout = '200ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        claimer.execute(ADD, ["a"])
    stopper.commit()
    with pytest.raises(psycopg.DatabaseError, match="signups_stopped"):
        claimer.execute(ADD, ["a"])
    assert Household.objects.count() == 0
