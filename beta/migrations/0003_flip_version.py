"""The version at which signups were last stopped or let in again: kept by the gate, so that what readers of the stop are told never goes back.

Raw SQL leaves no row in the audit log, so that log can't say it.
"""

from django.db import migrations, models

_CHANGE = """
CREATE OR REPLACE FUNCTION beta_program_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was_stopped CONSTANT boolean := OLD.stopped_at IS NOT NULL OR cardinality(OLD.env_stops) > 0;
    is_stopped CONSTANT boolean := NEW.stopped_at IS NOT NULL OR cardinality(NEW.env_stops) > 0;
BEGIN
    NEW.version := OLD.version + 1;
    NEW.stop_version := CASE WHEN NOT is_stopped THEN NULL WHEN NOT was_stopped THEN NEW.version ELSE OLD.stop_version END;
    {flip}
    -- The counter belongs to the gate; by hand it can only be set to the truth.
    IF pg_trigger_depth() < 2 AND NEW.seats_taken <> OLD.seats_taken
            AND NEW.seats_taken <> (SELECT count(*) FROM households WHERE status = 'active') THEN
        RAISE EXCEPTION 'seats_taken is counted by the gate' USING ERRCODE = 'insufficient_privilege',
            HINT = 'Add or remove households; a repair may only set it to the number of active ones.';
    END IF;
    RETURN NEW;
END $$;
"""
# Of a program that has a past: whatever its readers were told, it was less.
_FORWARD = "UPDATE beta_programs SET flip_version = COALESCE(stop_version, version) WHERE version > 0;" + _CHANGE.format(
    flip="NEW.flip_version := CASE WHEN is_stopped <> was_stopped THEN NEW.version ELSE OLD.flip_version END;"
)


class Migration(migrations.Migration):
    dependencies = [("beta", "0002_gate")]
    operations = [
        migrations.AddField("program", "flip_version", models.BigIntegerField(db_default=0, editable=False)),
        migrations.RunSQL(_FORWARD, _CHANGE.format(flip="")),
    ]
