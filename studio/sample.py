"""The sample model: one click from an empty studio to a service that answers."""

from pathlib import Path

from deployments.models import Deployment, Service
from deployments.queries import deployments_in
from deployments.services import deploy
from registry.models import ModelVersion
from registry.services import register_model
from registry.uploads import receive_file, start_upload
from workspaces.models import User, Workspace

NAME = "iris-sample"
FILES = Path(__file__).parent / "sample_files"
# The script is plain Python: beside the scoring runtime nothing has to be installed for it.
_NOTHING_ELSE = {"python": {"condaDependencies": {"dependencies": []}}}
_DESCRIPTION = (
    "Logistic regression that tells three kinds of iris apart. Inputs in centimetres: sepal length and width, "
    "petal length and width."
)


def deploy_sample(*, workspace: Workspace, by: User) -> Deployment:
    """Registers the sample unless it is there, and deploys it; the deployment under way, if there is one."""
    if Service.objects.filter(workspace=workspace, name=NAME).exists():
        newest = deployments_in(user=by, workspace=workspace, service=NAME).first()
        if newest is not None:
            return newest
    version = ModelVersion.objects.filter(workspace=workspace, model__name=NAME).order_by("-version").first()
    version = version or _register(workspace, by)
    return deploy(
        workspace=workspace,
        name=NAME,
        models=[version.reference],
        by=by,
        source=_uploaded(workspace, by, "score.py"),
        inference_config={"entryScript": "score.py", "environment": _NOTHING_ELSE},
        description=_DESCRIPTION,
    )


def _register(workspace: Workspace, by: User) -> ModelVersion:
    return register_model(
        workspace=workspace,
        name=NAME,
        upload=_uploaded(workspace, by, "iris.json"),
        by=by,
        description=_DESCRIPTION,
        tags={"area": "iris", "stage": "sample"},
    )


def _uploaded(workspace: Workspace, by: User, name: str):
    upload = start_upload(workspace=workspace, by=by)
    content = (FILES / name).read_bytes()
    receive_file(upload=upload, path=name, chunks=[content], size=len(content))
    return upload
