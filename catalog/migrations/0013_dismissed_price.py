from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0012_fresh_by_the_price")]
    operations = [
        migrations.AddField("offer", "dismissed_price", models.BigIntegerField(editable=False, null=True, verbose_name="dismissed price")),
    ]
