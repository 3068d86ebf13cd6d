"""What people do in the registry: one verb, one function."""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, ProtectedError

from registry import blobs, uploads
from registry.errors import NameInvalid, UploadEmpty, VersionInUse, VersionNotFound
from registry.facts import Facts
from registry.models import MODEL_NAME, Framework, Model, ModelVersion, Property, Tag, Upload, VersionFile
from registry.tags import checked_tags
from workspaces.errors import Invalid
from workspaces.models import User, Workspace
from workspaces.texts import storable


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
        Tag.objects.bulk_create(Tag(version=version, key=k, value=v) for k, v in tags.items())
        Property.objects.bulk_create(Property(version=version, key=k, value=v) for k, v in properties.items())
        _move_files(upload, version)
    return version


def _version_guessed(framework: str, facts: Facts) -> str:
    return facts.framework_version if framework in {"", facts.framework} else ""


def _next_version(workspace: Workspace, name: str, **fields) -> ModelVersion:
    model, _ = Model.objects.get_or_create(workspace=workspace, name=name)
    Model.objects.filter(pk=model.pk).update(last_version=F("last_version") + 1)  # locks the row until commit
    model.refresh_from_db(fields=["last_version"])
    return ModelVersion.objects.create(model=model, version=model.last_version, **fields)


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


def find_version(*, user: User, workspace: Workspace, name: str, version: int | None = None) -> ModelVersion:
    """`name:version`, or the newest when `version` is None. Raises VersionNotFound."""
    found = ModelVersion.objects.visible_to(user).filter(model__workspace=workspace, model__name=name)
    if version is not None:
        found = found.filter(version=version)
    row = found.select_related("model", "created_by").order_by("-version").first()
    if row is None:
        wanted = name if version is None else f"{name}:{version}"
        raise VersionNotFound(
            f"There is no model version {wanted!r} in workspace {workspace.name!r}.",
            advice="List the models to see which there are.",
        )
    return row


def parse_reference(reference: str) -> tuple[str, int | None]:
    """`name:3` as ("name", 3); `name` alone means the newest. Raises Invalid for anything else."""
    name, colon, number = reference.rpartition(":")
    if not colon:
        return reference, None
    if not number.isascii() or not number.isdigit() or int(number[:9]) == 0 or len(number) > 9:
        raise Invalid(f"{reference!r} is not name:version.", advice="Write it like my-model:1.")
    return name, int(number)


@transaction.atomic
def update_version(
    *, version: ModelVersion, description: str | None = None, tags: dict[str, str] | None = None
) -> ModelVersion:
    """Change what is given; `tags` replaces all tags. Raises TagInvalid."""
    if description is not None:
        version.description = storable(description)
        version.save(update_fields=["description"])
    if tags is not None:
        tags = checked_tags(tags)
        version.tags.all().delete()
        Tag.objects.bulk_create(Tag(version=version, key=k, value=v) for k, v in tags.items())
    return version


def users_of(version: ModelVersion) -> list[str]:
    """Names of the services that use the version, which other apps' protected references know."""
    return users_by_version([version])[version.pk]


def users_by_version(versions: list[ModelVersion]) -> dict[int, list[str]]:
    """The same of many versions by primary key, in one query for each kind of reference."""
    names: dict[int, set[str]] = {version.pk: set() for version in versions}
    for link in ModelVersion._meta.related_objects:
        if link.on_delete is models.PROTECT:
            rows = link.related_model.objects.filter(**{f"{link.field.name}__in": versions}).select_related()
            for row in rows:
                names[getattr(row, link.field.attname)].add(row.service_name)
    return {pk: sorted(found) for pk, found in names.items()}


def delete_version(*, version: ModelVersion) -> None:
    """Forget the version; its number is never given again. Raises VersionInUse, naming the services."""
    reference = version.reference
    try:
        with transaction.atomic():
            # A deployment that is about to refer to it finishes first, and then it is in use.
            ModelVersion.objects.select_for_update().filter(pk=version.pk).first()
            version.delete()
    except ProtectedError as exc:
        services = sorted({row.service_name for row in exc.protected_objects})
        raise VersionInUse(
            f"{reference} is used by {_listed('service', services)}.",
            advice="Delete the service first, or deploy another version to it.",
            services=services,
        ) from None


def _listed(noun: str, names: list[str]) -> str:
    return f"{noun} {names[0]}" if len(names) == 1 else f"{noun}s {', '.join(names)}"
