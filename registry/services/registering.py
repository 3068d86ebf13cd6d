"""The next version of a name."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from registry import blobs, uploads
from registry.errors import NameInvalid, UploadEmpty
from registry.facts import Facts
from registry.models import MODEL_NAME, Framework, Model, ModelVersion, Property, Tag, Upload, VersionFile
from registry.tags import checked_tags
from workspaces.errors import Invalid
from workspaces.models import User, Workspace


def register_model(
    *,
    workspace: Workspace,
    name: str,
    upload: Upload,
    by: User,
    description: str = "",
    framework: str = "",
    framework_version: str = "",
    tags: dict[str, str] | None = None,
    properties: dict[str, str] | None = None,
) -> ModelVersion:
    """The next version of `name`, made of the upload's files; the upload is used up.

    An empty `framework` means the one the files show. Raises NameInvalid, TagInvalid, UploadEmpty,
    Invalid (unknown framework)."""
    name = checked_name(name)
    tags, properties = checked_tags(tags or {}), checked_tags(properties or {})
    facts = uploads.guess(upload)
    with transaction.atomic():
        version = _next_version(
            workspace,
            name,
            description=description,
            framework=_checked_framework(framework) or facts.framework,
            framework_version=framework_version.strip() or _version_guessed(framework, facts),
            facts=facts.as_dict(),
            created_by=by,
        )
        labelled = {"workspace": workspace, "version": version}
        Tag.objects.bulk_create(Tag(**labelled, key=k, value=v) for k, v in tags.items())
        Property.objects.bulk_create(Property(**labelled, key=k, value=v) for k, v in properties.items())
        _move_files(upload, version)
    return version


def _version_guessed(framework: str, facts: Facts) -> str:
    return facts.framework_version if framework in {"", facts.framework} else ""


def _next_version(workspace: Workspace, name: str, **fields) -> ModelVersion:
    model, _ = Model.objects.get_or_create(workspace=workspace, name=name)
    Model.objects.filter(pk=model.pk).update(last_version=F("last_version") + 1)  # locks the row until commit
    model.refresh_from_db(fields=["last_version"])
    return ModelVersion.objects.create(workspace=workspace, model=model, version=model.last_version, **fields)


def _move_files(upload: Upload, version: ModelVersion) -> None:
    # Locked, so that of two registrations of one upload the second finds it empty.
    locked = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    files = list(locked.files.select_related("blob")) if locked else []
    if not files:
        raise UploadEmpty("This upload holds no file.", advice="Upload the model's files first, then register them.")
    for file in files:
        blobs.open_blob(file.blob_id).close()
    VersionFile.objects.bulk_create(VersionFile(version=version, path=f.path, blob=f.blob) for f in files)
    ModelVersion.objects.filter(pk=version.pk).update(size_bytes=sum(f.blob.size for f in files))
    version.refresh_from_db(fields=["size_bytes"])
    locked.delete()


def checked_name(name: str) -> str:
    """Raises NameInvalid, saying the rule."""
    try:
        MODEL_NAME(name)
    except ValidationError as exc:
        shown = name if len(name) <= 60 else f"{name[:57]}…"
        raise NameInvalid(
            f"{shown!r} cannot be a model's name. {exc.messages[0]}",
            advice="Choose another name.",
            errors={"name": exc.messages},
        ) from None
    return name


def _checked_framework(framework: str) -> str:
    if framework and framework not in Framework.values:
        said = f"{framework!r} is not a framework; known are {', '.join(Framework.values)}."
        raise Invalid(said, advice="Leave it out to have it guessed from the files.", errors={"framework": [said]})
    return framework
