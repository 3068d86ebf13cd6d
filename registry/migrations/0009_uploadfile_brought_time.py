from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0008_finding"),
    ]

    operations = [
        migrations.AddField(
            model_name="uploadfile",
            name="brought_time",
            field=models.DateTimeField(null=True),
        ),
    ]
