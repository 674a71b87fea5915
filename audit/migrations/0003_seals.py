"""Seals only grow, as the rows they cover: the same refusals, under their own name."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
from django.db import migrations, models

import audit.ranges

FORWARD = """
-- Hashes don't get smaller; trying costs time.
ALTER TABLE ops_audit_seals ALTER COLUMN fingerprints SET STORAGE EXTERNAL;
ALTER TABLE ops_audit_seals ADD CONSTRAINT audit_seals_continue FOREIGN KEY (previous) REFERENCES ops_audit_seals (head);

CREATE FUNCTION ops_audit_seals_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'ops_audit_seals is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'A seal stands for ever. The next one covers what it left out.';
END $$;
CREATE TRIGGER audit_seals_rows_append_only BEFORE UPDATE OR DELETE ON ops_audit_seals
    FOR EACH ROW EXECUTE FUNCTION ops_audit_seals_append_only();
CREATE TRIGGER audit_seals_table_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ops_audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION ops_audit_seals_append_only();
ALTER TABLE ops_audit_seals ENABLE ALWAYS TRIGGER audit_seals_rows_append_only;
ALTER TABLE ops_audit_seals ENABLE ALWAYS TRIGGER audit_seals_table_append_only;
"""

BACKWARD = """
DROP TRIGGER audit_seals_rows_append_only ON ops_audit_seals;
DROP TRIGGER audit_seals_table_append_only ON ops_audit_seals;
DROP FUNCTION ops_audit_seals_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
                ("sealed_by", models.CharField(max_length=200, verbose_name="sealed by")),
                ("rows", models.IntegerField(verbose_name="rows")),
                ("members", audit.ranges.IdRangesField()),
                ("high", models.BigIntegerField()),
                ("settled", models.BigIntegerField()),
                ("awaited", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ("fingerprints", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("previous", models.BinaryField(null=True, unique=True)),
                ("head", models.BinaryField(unique=True)),
            ],
            options={
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
                "db_table": "ops_audit_seals",
                "ordering": ["-number"],
                "indexes": [models.Index(models.F("high"), models.F("number"), name="audit_seals_by_high")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number", 1), ("previous", None)), models.Q(("number__gt", 1), ("previous__isnull", False)), _connector="OR"
                        ),
                        name="audit_seals_begin_at_one",
                    ),
                    models.CheckConstraint(condition=models.Q(("rows__gt", 0), ("settled__lte", models.F("high"))), name="audit_seals_hold_rows"),
                    django.contrib.postgres.constraints.ExclusionConstraint(expressions=[("members", "&&")], name="audit_seals_seal_once"),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
