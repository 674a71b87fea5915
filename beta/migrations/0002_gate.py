"""The signup gate. Every INSERT of a household, every change of its status and every DELETE passes here, whoever sends it.

The one row of beta_programs is the lock: a claim, a STOP, a change of the cap and a returned seat are ordered by it, and
each moves its version on. `seat_version` on a household and `stop_version` on the program are positions in that order.

Refusals have SQLSTATE OPS01 to OPS04, the code as message, and the figures as JSON in DETAIL.
The functions run as the owner of the tables (SECURITY DEFINER): a client needs rights on households alone.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE beta_programs SET (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

CREATE FUNCTION beta_gate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    program beta_programs%ROWTYPE;
    was_active constant boolean := TG_OP <> 'INSERT' AND OLD.status = 'active';
    is_active constant boolean := TG_OP <> 'DELETE' AND NEW.status = 'active';
    given integer;
BEGIN
    IF was_active AND is_active OR NOT was_active AND NOT is_active THEN
        -- Takes no seat, but a key: in the gate's order too. A claim that meets a key nobody sees yet would count a seat and get no row.
        IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND (NEW.id, NEW.household_key, NEW.client_id, NEW.idempotency_key)
                IS DISTINCT FROM (OLD.id, OLD.household_key, OLD.client_id, OLD.idempotency_key) THEN
            PERFORM FROM beta_programs WHERE id = 1 FOR NO KEY UPDATE;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            NEW.program_id := OLD.program_id; NEW.seat := OLD.seat; NEW.seat_version := OLD.seat_version; NEW.seated_at := OLD.seated_at;
            NEW.cap_then := OLD.cap_then; NEW.seats_taken_then := OLD.seats_taken_then;
        ELSIF TG_OP = 'INSERT' THEN
            NEW.seat := NULL; NEW.seat_version := NULL; NEW.seated_at := NULL; NEW.cap_then := NULL; NEW.seats_taken_then := NULL;
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;

    SELECT * INTO program FROM beta_programs WHERE id = 1 FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no_program' USING ERRCODE = 'OPS04', HINT = 'Run manage.py migrate.';
    END IF;

    IF was_active THEN
        UPDATE beta_programs SET seats_taken = seats_taken - 1, free_seats = free_seats || OLD.seat WHERE id = 1;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        NEW.seat := NULL;
        RETURN NEW;
    END IF;

    IF program.stopped_at IS NOT NULL OR cardinality(program.env_stops) > 0 THEN
        RAISE EXCEPTION 'signups_stopped' USING ERRCODE = 'OPS01',
            DETAIL = json_build_object('since', coalesce(program.stopped_at, program.env_stopped_at), 'cap', program.cap, 'seats_taken', program.seats_taken)::text,
            HINT = 'Signups were stopped by the operations portal.';
    END IF;
    IF program.invites_paused_at IS NOT NULL AND NEW.invite_id IS NOT NULL THEN
        RAISE EXCEPTION 'invites_paused' USING ERRCODE = 'OPS03',
            DETAIL = json_build_object('since', program.invites_paused_at)::text, HINT = 'Invites are paused by the operations portal.';
    END IF;
    -- Under the lock: an INSERT that will meet the same key (error, ON CONFLICT DO NOTHING or DO UPDATE) must not count a seat.
    -- It gets seat 0, which passes the table's checks and which households_no_seat_zero keeps out.
    IF TG_OP = 'INSERT' AND EXISTS (SELECT FROM households WHERE household_key = NEW.household_key OR id = NEW.id
            OR client_id = NEW.client_id AND idempotency_key = NEW.idempotency_key) THEN
        NEW.seat := 0;
        RETURN NEW;
    END IF;
    IF program.seats_taken >= program.cap THEN
        RAISE EXCEPTION 'cap_reached' USING ERRCODE = 'OPS02',
            DETAIL = json_build_object('cap', program.cap, 'seats_taken', program.seats_taken)::text, HINT = 'Every seat is taken.';
    END IF;

    given := coalesce(program.free_seats[1], program.highest_seat + 1);
    UPDATE beta_programs SET seats_taken = seats_taken + 1, free_seats = program.free_seats[2:],
        highest_seat = greatest(program.highest_seat, given) WHERE id = 1;
    NEW.program_id := 1;
    NEW.seat := given;
    NEW.seat_version := program.version + 1;
    NEW.seated_at := clock_timestamp();
    NEW.cap_then := program.cap;
    NEW.seats_taken_then := program.seats_taken + 1;
    RETURN NEW;
END $$;

-- Named to fire last: a trigger of the product that changes or skips the row has had its say.
CREATE TRIGGER zz_beta_gate BEFORE INSERT OR UPDATE OR DELETE ON households FOR EACH ROW EXECUTE FUNCTION beta_gate();
ALTER TABLE households ENABLE ALWAYS TRIGGER zz_beta_gate;

CREATE FUNCTION beta_seat_zero() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a household with this key was just deleted; try again' USING ERRCODE = 'serialization_failure';
END $$;
CREATE TRIGGER households_no_seat_zero AFTER INSERT OR UPDATE ON households FOR EACH ROW WHEN (NEW.seat = 0) EXECUTE FUNCTION beta_seat_zero();
ALTER TABLE households ENABLE ALWAYS TRIGGER households_no_seat_zero;

CREATE FUNCTION beta_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege',
        HINT = 'Households leave one by one, so that their seats come back; the program stays.';
END $$;
CREATE TRIGGER households_no_truncate BEFORE TRUNCATE ON households FOR EACH STATEMENT EXECUTE FUNCTION beta_refuse();
ALTER TABLE households ENABLE ALWAYS TRIGGER households_no_truncate;
CREATE TRIGGER program_stays BEFORE DELETE OR TRUNCATE ON beta_programs FOR EACH STATEMENT EXECUTE FUNCTION beta_refuse();
ALTER TABLE beta_programs ENABLE ALWAYS TRIGGER program_stays;

CREATE FUNCTION beta_program_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.stop_version := CASE
        WHEN NEW.stopped_at IS NULL AND cardinality(NEW.env_stops) = 0 THEN NULL
        WHEN OLD.stopped_at IS NULL AND cardinality(OLD.env_stops) = 0 THEN NEW.version
        ELSE OLD.stop_version END;
    -- The counter belongs to the gate; by hand it can only be set to the truth.
    IF pg_trigger_depth() < 2 AND NEW.seats_taken <> OLD.seats_taken
            AND NEW.seats_taken <> (SELECT count(*) FROM households WHERE status = 'active') THEN
        RAISE EXCEPTION 'seats_taken is counted by the gate' USING ERRCODE = 'insufficient_privilege',
            HINT = 'Add or remove households; a repair may only set it to the number of active ones.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER program_version BEFORE UPDATE ON beta_programs FOR EACH ROW EXECUTE FUNCTION beta_program_version();
ALTER TABLE beta_programs ENABLE ALWAYS TRIGGER program_version;

INSERT INTO beta_programs (id) VALUES (1);
"""

BACKWARD = """
DROP TRIGGER zz_beta_gate ON households;
DROP TRIGGER households_no_seat_zero ON households;
DROP TRIGGER households_no_truncate ON households;
DROP TRIGGER program_stays ON beta_programs;
DROP TRIGGER program_version ON beta_programs;
DROP FUNCTION beta_gate();
DROP FUNCTION beta_seat_zero();
DROP FUNCTION beta_refuse();
DROP FUNCTION beta_program_version();
DELETE FROM beta_programs;
"""


class Migration(migrations.Migration):
    dependencies = [("beta", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
