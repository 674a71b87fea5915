import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_feed")]
    operations = [
        migrations.AddField("import", "asked", models.JSONField(default=dict, editable=False)),
        migrations.AddField("import", "read_as", models.CharField(blank=True, db_default="", max_length=100, verbose_name="read as")),
        migrations.AddIndex(
            "product",
            models.Index(django.db.models.functions.text.Lower("name"), django.db.models.functions.text.Lower("brand"), name="product_by_name"),
        ),
    ]
