"""The next version of a name."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from registry import blobs, fields, uploads
from registry.errors import NameInvalid, UploadEmpty
from registry.models import MODEL_NAME, Framework, Model, ModelVersion, Upload, VersionFile
from registry.reading import Facts
from registry.reading import signature as signatures
from registry.services import activity, labelling
from registry.services.activity import Verb
from registry.services.finding import find_reference
from registry.services.pickle_policy import check_pickles
from registry.tags import checked_tags
from workspaces.errors import Invalid, NotFound
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
    metrics: dict[str, float] | None = None,
    parameters: dict[str, str] | None = None,
    datasets: list[tuple[str, str]] | None = None,
    sample_input: object = None,
    sample_output: object = None,
    signature: dict | None = None,
    cpu: float | None = None,
    memory_gb: float | None = None,
    gpu: int | None = None,
    experiment_name: str = "",
    run_id: str = "",
    script: str = "",
    git_repository: str = "",
    git_branch: str = "",
    git_commit: str = "",
    parent: str = "",
) -> ModelVersion:
    """The next version of `name`, made of the upload's files; the upload is used up.

    An empty `framework` means the one the files show. `datasets` are (scenario, dataset); `parent` is a reference
    such as `name:version`. Raises NameInvalid, TagInvalid, UploadEmpty, UploadUnfinished,
    PickleRefused, Invalid (everything else said of it)."""
    name = checked_name(name)
    uploads.check_whole(upload)
    tags, properties = checked_tags(tags or {}), checked_tags(properties or {})
    metrics, parameters = fields.checked_metrics(metrics or {}), fields.checked_parameters(parameters or {})
    datasets = fields.checked_datasets(datasets or [])
    said = {
        "description": storable(description),
        "sample_input": fields.checked_sample("sample_input", sample_input),
        "sample_output": fields.checked_sample("sample_output", sample_output),
        "cpu": fields.checked_cpu(cpu),
        "memory_gb": fields.checked_memory_gb(memory_gb),
        "gpu": fields.checked_gpu(gpu),
        "parent": _found_parent(workspace, by, parent) if parent else None,
        **fields.checked_lineage(
            {
                "experiment_name": experiment_name,
                "run_id": run_id,
                "script": script,
                "git_repository": git_repository,
                "git_branch": git_branch,
                "git_commit": git_commit,
            }
        ),
    }
    if signature:
        said["signature"] = signatures.checked(signature)
    blobs.check_there(upload.files.values_list("blob_id", flat=True))
    read = set(upload.files.values_list("path", "blob_id"))
    facts = uploads.guess(upload)
    check_pickles(workspace, facts)
    said["signature"] = said.get("signature") or facts.signature
    if said["sample_input"] is None:
        said["sample_input"] = facts.sample_input
    with transaction.atomic():
        version = _next_version(
            workspace,
            name,
            framework=_checked_framework(framework) or facts.framework,
            framework_version=framework_version.strip() or _version_guessed(framework, facts),
            facts=facts.kept(),
            risk=facts.risk,
            created_by=by,
            **said,
        )
        labelling.set_tags(version, tags)
        labelling.add_properties(version, properties)
        labelling.set_metrics(version, metrics)
        labelling.set_parameters(version, parameters)
        labelling.set_datasets(version, datasets)
        _move_files(upload, version, read)
        activity.record_of(version, Verb.REGISTERED, by, size_bytes=version.size_bytes)
    return version


def _found_parent(workspace: Workspace, by: User, parent: str) -> ModelVersion:
    try:
        return find_reference(user=by, workspace=workspace, reference=parent)
    except (NotFound, Invalid) as exc:
        said = f"The parent cannot be found: {exc.detail}"
        advice = "Name a version of this workspace, such as my-model:1."
        raise Invalid(said, advice=advice, errors={"parent": [said]}) from None


def _version_guessed(framework: str, facts: Facts) -> str:
    return facts.framework_version if framework in {"", facts.framework} else ""


def _next_version(workspace: Workspace, name: str, **fields) -> ModelVersion:
    model, _ = Model.objects.get_or_create(workspace=workspace, name=name)
    Model.objects.filter(pk=model.pk).update(last_version=F("last_version") + 1)  # locks the row until commit
    model.refresh_from_db(fields=["last_version"])
    return ModelVersion.objects.create(workspace=workspace, model=model, version=model.last_version, **fields)


def _move_files(upload: Upload, version: ModelVersion, read: set[tuple[str, str]]) -> None:
    # Locked, so that of two registrations of one upload the second finds it empty.
    locked = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    files = list(locked.files.select_related("blob")) if locked else []
    if not files:
        raise UploadEmpty("This upload holds no file.", advice="Upload the model's files first, then register them.")
    if {(file.path, file.blob_id) for file in files} != read:  # what was judged is what is registered
        raise Invalid("The upload's files changed while they were read.", advice="Register it again.")
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
