from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_lists_by_provider"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="webhookevent",
            index=models.Index(
                models.F("provider"),
                models.F("is_signed"),
                models.OrderBy(models.F("received_at"), descending=True),
                condition=models.Q(("source", "webhook"), models.Q(("is_signed", False), ("signed_by", "previous"), _connector="OR")),
                name="event_signed_otherwise",
            ),
        ),
    ]
