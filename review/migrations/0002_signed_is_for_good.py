"""A signed review and its lines never change, for every client of the database: UPDATE and DELETE are refused, and TRUNCATE always.

A line waits for whoever is signing its review just now (FOR SHARE), so that a figure never comes into a review after its signature.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION review_is_signed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION '% are kept: TRUNCATE is refused', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RAISE EXCEPTION 'the % review of % is signed: % is refused', OLD.kind, OLD.day, TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'What was signed stays as it was. Write what has come to light since into the next review.';
END $$;

CREATE FUNCTION review_line_is_signed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    signed timestamptz;
    review bigint;
BEGIN
    FOREACH review IN ARRAY ARRAY[CASE WHEN TG_OP <> 'INSERT' THEN OLD.review_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.review_id END] LOOP
        SELECT signed_at INTO signed FROM reviews WHERE id = review FOR SHARE;
        IF signed IS NOT NULL THEN
            RAISE EXCEPTION 'the review of this line is signed: % is refused', TG_OP
                USING ERRCODE = 'insufficient_privilege', HINT = 'What was signed stays as it was.';
        END IF;
    END LOOP;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER review_signed BEFORE UPDATE OR DELETE ON reviews FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION review_is_signed();
CREATE TRIGGER reviews_kept BEFORE TRUNCATE ON reviews FOR EACH STATEMENT EXECUTE FUNCTION review_is_signed();
CREATE TRIGGER review_line_signed BEFORE INSERT OR UPDATE OR DELETE ON review_lines FOR EACH ROW EXECUTE FUNCTION review_line_is_signed();
CREATE TRIGGER review_lines_kept BEFORE TRUNCATE ON review_lines FOR EACH STATEMENT EXECUTE FUNCTION review_is_signed();
ALTER TABLE reviews ENABLE ALWAYS TRIGGER review_signed;
ALTER TABLE reviews ENABLE ALWAYS TRIGGER reviews_kept;
ALTER TABLE review_lines ENABLE ALWAYS TRIGGER review_line_signed;
ALTER TABLE review_lines ENABLE ALWAYS TRIGGER review_lines_kept;
"""
BACKWARD = """
DROP TRIGGER review_lines_kept ON review_lines;
DROP TRIGGER review_line_signed ON review_lines;
DROP TRIGGER reviews_kept ON reviews;
DROP TRIGGER review_signed ON reviews;
DROP FUNCTION review_line_is_signed();
DROP FUNCTION review_is_signed();
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
