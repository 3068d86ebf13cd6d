"""A workspace with one of everything, and requests to it that leave no trace."""

import json
import uuid
from http.cookies import SimpleCookie

from django.db import transaction
from django.test import Client

from deployments import connections
from deployments.models import Target
from drivers.kubernetes import Connection, Registry
from profiling.services import start_profile
from registry import incoming
from registry.services import save_view, set_alias
from registry.uploads import start_upload
from tests import objects
from workspaces.models import User
from workspaces.tokens import create_token

WHO = ["owner", "contributor", "reader", "stranger", "anonymous"]


class World:
    """Workspace "vision": model digits:1, service "reader" that is under way, profile "slow" that waits, cluster
    "prod" that does not answer, the contributor's token."""

    def __init__(self) -> None:
        place, elsewhere = objects.workspace(), objects.workspace("elsewhere")
        self.place = place
        self.people: dict[str, User | None] = {role: objects.member(role, place) for role in WHO[:3]}
        self.people |= {"stranger": objects.member("owner", elsewhere), "anonymous": None}
        self._cookies = {who: objects.signed_in(user).cookies.output() for who, user in self.people.items() if user}
        contributor = self.people["contributor"]
        used = objects.version(place, contributor, "used")
        self.running = objects.deployment(place, contributor, models=[used.reference])
        start_profile(
            workspace=place, by=contributor, name="slow", models=[used.reference], samples="{}", target="process"
        )
        digits = objects.version(place, contributor)
        set_alias(model=digits.model, name="champion", version=digits, by=contributor)
        self._attach(place)
        self.view = save_view(user=contributor, workspace=place, name="shared", shared=True)
        self.token = create_token(user=contributor, name="laptop")[0]
        self.file = str(uuid.uuid4())

    def _attach(self, place) -> None:
        prod = Target(workspace=place, name="prod", kind=Target.Kind.KUBERNETES, detail="It does not answer.")
        connection = Connection(server="https://127.0.0.1:9", token="a-token")
        connections.store(prod, connection, Registry("registry.example"), namespace="slipway-vision", access="auto")
        prod.save()

    def ask(self, who: str, method: str, route: str, sent, *, live: bool = False, **options):
        """The answer, with all that it did undone."""
        with transaction.atomic():
            if live:
                objects.live(self.running)
            upload = self.upload_of(who, route)
            answer = _send(self._client(who, **options), method, self._path(route, upload), sent, upload)
            transaction.set_rollback(True)
        return answer

    def _client(self, who: str, **options) -> Client:
        client = Client(**options)
        if who in self._cookies:
            client.cookies = SimpleCookie(self._cookies[who].replace("Set-Cookie: ", ""))
        return client

    def upload_of(self, who: str, route: str) -> str:
        """Uploads are their maker's: this one belongs to whoever asks, if a member at all."""
        if who not in WHO[:3] or not ("uploads" in route or route.endswith("/models")):
            return str(uuid.uuid4())
        if route.endswith("uploads"):
            return str(start_upload(workspace=self.place, by=self.people[who]).pk)
        upload = objects.upload(self.place, self.people[who], {"model.pkl": b"weights"})
        if "file_id" in route:
            self.file = str(incoming.begin(upload=upload, path="model.bin", size=5).pk)
        return str(upload.pk)

    def _path(self, route: str, upload: str) -> str:
        values = {
            "str:workspace": "vision", "str:name": _name_in(route), "int:number": 1,
            "uuid:file_id": self.file, "int:version": 1, "str:alias": "champion", "path:path": "model.pkl",
            "uuid:upload_id": upload, "int:view_id": self.view.pk, "int:pk": self.running.pk,
            "int:deployment_id": self.running.pk, "int:token_id": self.token.pk,
        }  # fmt: skip
        for key, value in values.items():
            route = route.replace(f"<{key}>", str(value))
        assert "<" not in route, f"{route} has a part that this world does not know"
        return f"/{route}"


def _name_in(route: str) -> str:
    if route.startswith("docs/"):
        return "services"
    if "profiles/" in route:
        return "slow"
    return "reader" if "services/" in route else "prod" if "targets/" in route else "digits"


TUS = {
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "5",
    "Upload-Offset": "0",
    "Upload-Metadata": "path d2VpZ2h0cw==",
}


def _send(client: Client, method: str, path: str, sent, upload: str):
    tus = "/tus" in path
    if sent is None:
        return client.generic(method, path, headers=TUS if tus else None)
    if isinstance(sent, bytes):
        kind = "application/offset+octet-stream" if tus else "application/octet-stream"
        return client.generic(method, path, sent, kind, headers=TUS if tus else None)
    if path.startswith("/api/"):
        return client.generic(method, path, json.dumps(sent).replace("UPLOAD", upload), "application/json")
    return client.post(path, sent)
