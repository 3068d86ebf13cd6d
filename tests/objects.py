"""Real objects for tests of the server's rooms, made the way people make them: through the services."""

from itertools import count, pairwise

from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from django.test import Client

from deployments import services, transitions
from deployments.models import Deployment, Service, Target, Workload
from deployments.states import Status
from registry.models import ModelVersion, Upload
from registry.services import register_model
from registry.uploads import receive_file, start_upload
from workspaces.models import Membership, Role, User, Workspace
from workspaces.tokens import create_token

_number = count(1)


def person(name: str = "", **fields) -> User:
    return User.objects.create_user(username=name or f"person-{next(_number)}", password="a long password", **fields)


def workspace(name: str = "vision") -> Workspace:
    return Workspace.objects.get_or_create(name=name)[0]


def member(role: Role | str, place: Workspace | None = None, name: str = "") -> User:
    """A new person with that role in `place`, which is workspace "vision" by default."""
    user = person(name)
    Membership.objects.create(workspace=place or workspace(), user=user, role=role)
    return user


def with_token(user: User) -> Client:
    """REST as a program speaks it."""
    _, secret = create_token(user=user, name="test")
    return Client(headers={"Authorization": f"Bearer {secret}"})


def signed_in(user: User, **options) -> Client:
    """Pages as a browser asks for them."""
    client = Client(**options)
    client.force_login(user)
    return client


def upload(place: Workspace, by: User, files: dict[str, bytes]) -> Upload:
    begun = start_upload(workspace=place, by=by)
    for path, content in files.items():
        receive_file(upload=begun, path=path, chunks=[content], size=len(content))
    return begun


def version(
    place: Workspace, by: User, name: str = "digits", files: dict[str, bytes] | None = None, **fields
) -> ModelVersion:
    """A registered version; its one small file is taken at its word that it is scikit-learn's."""
    fields.setdefault("framework", "ScikitLearn")
    sent = upload(place, by, files or {"model.pkl": b"weights of " + name.encode()})
    return register_model(workspace=place, name=name, upload=sent, by=by, **fields)


def target(place: Workspace, name: str = "process", **fields) -> Target:
    fields = {"kind": name, "available": True, "cpu": 4, "memory_bytes": 8 << 30, **fields}
    return Target.objects.update_or_create(workspace=place, name=name, defaults=fields)[0]


def deployment(place: Workspace, by: User, service: str = "reader", **options) -> Deployment:
    """A queued deployment of a new model to a new service."""
    if not place.targets.exists():
        target(place)
    if "models" not in options:
        options["models"] = [version(place, by).reference]
    return services.deploy(workspace=place, name=service, by=by, **options)


def live(queued: Deployment, address: str = "http://127.0.0.1:9") -> Service:
    """Its service once it serves, by the same transitions the worker makes."""
    transitions.claim(queued.pk, "a worker")
    name = f"workload-{queued.revision_id}"
    Workload.objects.get_or_create(revision=queued.revision, defaults={"name": name, "address": address})
    steps = [Status.QUEUED, Status.BUILDING, Status.STARTING, Status.CHECKING]
    for here, there in pairwise(steps):
        assert transitions.move(queued.pk, here, there, worker="a worker")
    assert transitions.switch_traffic(queued.pk, "a worker")
    queued.refresh_from_db()
    return Service.objects.get(pk=queued.revision.service_id)


def body_of(answer: StreamingHttpResponse) -> bytes:
    """All that an asynchronously streamed response sends."""

    async def whole() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return async_to_sync(whole)()
