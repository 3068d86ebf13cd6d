from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_incoming_arrived"),
    ]

    operations = [
        migrations.AddField(
            model_name="blob",
            name="crc32",
            field=models.BigIntegerField(null=True),
        ),
    ]
