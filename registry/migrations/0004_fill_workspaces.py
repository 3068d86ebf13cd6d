from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Repeats each model's workspace in its versions, and each version's in its tags and properties."""
    versions, models = apps.get_model("registry", "ModelVersion"), apps.get_model("registry", "Model")
    of_model = models.objects.filter(pk=OuterRef("model_id")).values("workspace_id")
    versions.objects.filter(workspace=None).update(workspace_id=Subquery(of_model))
    of_version = versions.objects.filter(pk=OuterRef("version_id")).values("workspace_id")
    for name in ("Tag", "Property"):
        apps.get_model("registry", name).objects.filter(workspace=None).update(workspace_id=Subquery(of_version))
    # Nobody has followed these pickles' names yet.
    versions.objects.exclude(facts__pickles=None).exclude(facts__pickles=[]).update(risk="unknown")


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_richer_versions")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
