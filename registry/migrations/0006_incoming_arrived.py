from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0005_workspaces_required"),
    ]

    operations = [
        migrations.AddField(
            model_name="incomingfile",
            name="arrived",
            field=models.BooleanField(default=False),
        ),
    ]
