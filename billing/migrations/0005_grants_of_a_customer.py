from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_last_signature"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(models.F("customer_key"), models.OrderBy(models.F("granted_at"), descending=True), name="grant_by_customer"),
        ),
    ]
