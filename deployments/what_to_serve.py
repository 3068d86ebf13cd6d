"""What somebody asked to be served: model versions and inference configuration, found and checked to go together."""

from deployments import recipes, revisions
from deployments.inference_config import InferenceConfig, read_inference_config
from registry import blobs
from registry.models import ModelVersion, Upload
from registry.services import check_intact, find_reference
from workspaces.models import User, Workspace

_SMALL_TEXT = 1024 * 1024


def find_what_to_serve(
    workspace: Workspace, by: User, models: list[str], inference_config: str | dict | None, source: Upload | None
) -> tuple[list[ModelVersion], InferenceConfig | None]:
    """The versions that `models` (`name:version`, `name@alias`, `name`) mean now, and how they are to be served.

    Raises VersionNotFound, AliasNotFound, VersionArchived, BlobDamaged, BlobMissing, ConfigInvalid,
    EntryScriptNeeded."""
    versions = list(dict.fromkeys(_find(workspace, by, reference) for reference in models))
    inference = read_inference_config(inference_config, _source_files(source))
    recipes.check_can_serve(versions, inference)
    return versions, inference


def _find(workspace: Workspace, by: User, reference: str) -> ModelVersion:
    version = find_reference(user=by, workspace=workspace, reference=reference)
    revisions.check_not_archived(version)
    check_intact(version)
    return version


def _source_files(source: Upload | None) -> dict[str, bytes | None]:
    """The uploaded paths, with the content of small texts that configurations may refer to."""
    if source is None:
        return {}
    return {
        file.path: blobs.open_blob(file.blob_id).read()
        if file.path.endswith((".yml", ".yaml", ".json", ".txt")) and file.blob.size <= _SMALL_TEXT
        else None
        for file in source.files.select_related("blob")
    }
