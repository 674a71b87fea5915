"""Every change of a switch moves the counter on, whoever makes it: readers that ask for what is new find it, also after raw SQL.

The counter's row lock is held until the change commits, so versions are given in the order of the commits.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE switches_counter SET (fillfactor = 20);

CREATE FUNCTION switches_next_version() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO switches_counter (id, version) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET version = switches_counter.version + 1 RETURNING version
$$;
REVOKE EXECUTE ON FUNCTION switches_next_version() FROM PUBLIC;

CREATE FUNCTION switches_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM switches_next_version();
        RETURN OLD;
    END IF;
    IF NEW.is_on THEN
        NEW.off_until := NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        NEW.version := OLD.version; NEW.since := OLD.since; NEW.changed_at := OLD.changed_at;
        IF NEW.name = OLD.name AND (NEW.is_on, NEW.off_until, NEW.reason, NEW.changed_by) IS NOT DISTINCT FROM (OLD.is_on, OLD.off_until, OLD.reason, OLD.changed_by)
                AND NEW.act = OLD.act THEN
            RETURN NEW;
        END IF;
        -- Not an act of the portal: who did the one before is not who did this one.
        IF NEW.is_on <> OLD.is_on AND NEW.act = OLD.act THEN
            IF NEW.changed_by = OLD.changed_by THEN
                NEW.changed_by := left(format('%s (SQL)', session_user), 200);
            END IF;
            IF NEW.reason = OLD.reason THEN
                NEW.reason := '';
            END IF;
            NEW.act := gen_random_uuid();
        END IF;
    END IF;
    NEW.version := switches_next_version();
    NEW.changed_at := clock_timestamp();
    IF TG_OP = 'INSERT' OR NEW.is_on <> OLD.is_on THEN
        NEW.since := NEW.changed_at;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER switch_change BEFORE INSERT OR UPDATE OR DELETE ON switches_switch FOR EACH ROW EXECUTE FUNCTION switches_change();
ALTER TABLE switches_switch ENABLE ALWAYS TRIGGER switch_change;
"""

BACKWARD = """
DROP TRIGGER switch_change ON switches_switch;
DROP FUNCTION switches_change();
DROP FUNCTION switches_next_version();
"""


class Migration(migrations.Migration):
    dependencies = [("switches", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
