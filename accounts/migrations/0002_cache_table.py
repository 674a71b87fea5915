"""The cache table of the rate limits: they stand in PostgreSQL, so that signing in does not need Redis."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop), migrations.RunSQL(migrations.RunSQL.noop, "DROP TABLE ops_cache")]
