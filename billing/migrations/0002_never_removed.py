"""checkout_sessions, payments and webhook_events are kept for good, for every client of the database; and a checkout's `change_seq` rises with
every change of it, its payments, its grants and its events, so that the sweep knows which to look at again."""

from django.db import migrations

TABLES = ("checkout_sessions", "payments", "webhook_events")

REFUSE = """
CREATE FUNCTION billing_never_removed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is kept for good: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Rows are evidence of payments: they can be added and moved forward, never removed.';
END $$;
"""
KEEP = """
CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION billing_never_removed();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_removed;
"""
CHANGES = """
CREATE FUNCTION billing_checkout_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Never put back by a stale copy of the row.
    NEW.change_seq := greatest(NEW.change_seq, OLD.change_seq + CASE WHEN
        (OLD.state, OLD.customer_key, OLD.plan_id, OLD.amount, OLD.currency, OLD.provider, OLD.session_id, OLD.paid_at, OLD.handled_at)
            IS DISTINCT FROM
        (NEW.state, NEW.customer_key, NEW.plan_id, NEW.amount, NEW.currency, NEW.provider, NEW.session_id, NEW.paid_at, NEW.handled_at)
        THEN 1 ELSE 0 END);
    RETURN NEW;
END $$;
-- Only what the sides are compared by: that the sweep looked, or asked, is no change, and costs no call.
CREATE TRIGGER checkout_changed BEFORE UPDATE ON checkout_sessions FOR EACH ROW
    WHEN (NEW.change_seq < OLD.change_seq OR
        (OLD.state, OLD.customer_key, OLD.plan_id, OLD.amount, OLD.currency, OLD.provider, OLD.session_id, OLD.paid_at, OLD.handled_at)
            IS DISTINCT FROM
        (NEW.state, NEW.customer_key, NEW.plan_id, NEW.amount, NEW.currency, NEW.provider, NEW.session_id, NEW.paid_at, NEW.handled_at))
    EXECUTE FUNCTION billing_checkout_changed();

CREATE FUNCTION billing_part_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.checkout_id IS NOT NULL THEN
        UPDATE checkout_sessions SET change_seq = change_seq + 1 WHERE id = NEW.checkout_id;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.checkout_id IS DISTINCT FROM NEW.checkout_id AND OLD.checkout_id IS NOT NULL THEN
        UPDATE checkout_sessions SET change_seq = change_seq + 1 WHERE id = OLD.checkout_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payment_changed AFTER INSERT OR UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION billing_part_changed();
CREATE TRIGGER event_changed AFTER INSERT OR UPDATE OF checkout_id, state, effect ON webhook_events FOR EACH ROW
    WHEN (NEW.checkout_id IS NOT NULL) EXECUTE FUNCTION billing_part_changed();

CREATE FUNCTION billing_grant_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE checkout_sessions SET change_seq = change_seq + 1
        WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.checkout_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.checkout_id END);
    RETURN NULL;
END $$;
CREATE TRIGGER grant_changed AFTER INSERT OR UPDATE OR DELETE ON plan_grants FOR EACH ROW EXECUTE FUNCTION billing_grant_changed();
CREATE TRIGGER callback_changed AFTER INSERT OR UPDATE ON plan_callbacks FOR EACH ROW
    WHEN (NEW.checkout_id IS NOT NULL) EXECUTE FUNCTION billing_part_changed();

-- Room on each page for what follows: most updates touch no index.
ALTER TABLE checkout_sessions SET (fillfactor = 85);
ALTER TABLE payments SET (fillfactor = 90);
ALTER TABLE webhook_events SET (fillfactor = 80);
"""
BACKWARD = """
DROP TRIGGER callback_changed ON plan_callbacks;
DROP TRIGGER grant_changed ON plan_grants;
DROP TRIGGER event_changed ON webhook_events;
DROP TRIGGER payment_changed ON payments;
DROP TRIGGER checkout_changed ON checkout_sessions;
DROP FUNCTION billing_grant_changed();
DROP FUNCTION billing_part_changed();
DROP FUNCTION billing_checkout_changed();
"""
UNREFUSE = "".join(f"DROP TRIGGER never_removed ON {table};\n" for table in TABLES) + "DROP FUNCTION billing_never_removed();"


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE + "".join(KEEP.format(table=table) for table in TABLES), UNREFUSE),
        migrations.RunSQL(CHANGES, BACKWARD),
    ]
