"""ops_audit_logs only grows. The triggers refuse UPDATE, DELETE and TRUNCATE for every client of the database, also in raw
SQL, also as replica (ENABLE ALWAYS). Whoever owns the table could drop them: seals are for that."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ops_audit_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'ops_audit_logs is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Rows can be added, never changed or removed. Add a row that corrects it.';
END $$;

CREATE TRIGGER audit_rows_append_only BEFORE UPDATE OR DELETE ON ops_audit_logs
    FOR EACH ROW EXECUTE FUNCTION ops_audit_append_only();
CREATE TRIGGER audit_table_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ops_audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION ops_audit_append_only();
ALTER TABLE ops_audit_logs ENABLE ALWAYS TRIGGER audit_rows_append_only;
ALTER TABLE ops_audit_logs ENABLE ALWAYS TRIGGER audit_table_append_only;

-- When a row was written and by which transaction is the database's word, not the client's.
CREATE FUNCTION ops_audit_stamp() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.created_at := pg_catalog.statement_timestamp();
    NEW.transaction := pg_catalog.pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_stamp BEFORE INSERT ON ops_audit_logs FOR EACH ROW EXECUTE FUNCTION ops_audit_stamp();
"""

BACKWARD = """
DROP TRIGGER audit_stamp ON ops_audit_logs;
DROP TRIGGER audit_rows_append_only ON ops_audit_logs;
DROP TRIGGER audit_table_append_only ON ops_audit_logs;
DROP FUNCTION ops_audit_stamp();
DROP FUNCTION ops_audit_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
