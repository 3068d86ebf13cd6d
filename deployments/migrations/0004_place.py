from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deployments", "0003_conversion")]

    operations = [
        migrations.RemoveConstraint("package", "one_row_per_package"),
        migrations.RenameField("package", "kind", "place"),
        migrations.AlterField("package", "place", models.CharField(max_length=32)),
        migrations.AddConstraint(
            "package", models.UniqueConstraint(fields=["place", "location"], name="one_row_per_package")
        ),
    ]
