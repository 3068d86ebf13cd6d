"""Who may do what, at every address there is: a new URL fails here until its row is written."""

import json
import re
import uuid

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from registry.uploads import start_upload
from tests import objects
from workspaces.models import User
from workspaces.tokens import create_token

pytestmark = pytest.mark.django_db

WHO = ["owner", "contributor", "reader", "stranger", "anonymous"]
API = "/api/v1/workspaces/vision"
W = "api/v1/workspaces/<str:workspace>/"
P = "w/<str:workspace>/"
LOOK = "200 200 200 404 401"
LOOK_PAGE = "200 200 200 404 302"
WRITE_PAGE = "302 302 403 404 302"
MODEL = {"name": "digits", "number": 1, "path": "model.pkl"}
SERVICE = {"name": "reader"}

# route: {method: (statuses for owner, contributor, reader, stranger, anonymous; what is sent)}
TABLE = {
    "": {"GET": ("200 200 200 200 302", None)},
    "sign-in/": {"GET": ("302 302 302 302 200", None), "POST": ("302 302 302 302 200", {"username": "x"})},
    "sign-out/": {"POST": ("302 302 302 302 302", {})},
    "healthz": {"GET": ("200 200 200 200 200", None)},
    "account/": {"GET": ("200 200 200 200 302", None), "POST": ("200 200 200 200 302", {"do": "token", "name": "ci"})},
    "account/theme/": {"POST": ("302 302 302 302 302", {"theme": "dark"})},
    # The token is the contributor's.
    "account/tokens/<int:token_id>/revoke/": {"POST": ("404 302 404 404 302", {})},
    "api/v1/": {"GET": ("200 200 200 200 401", None)},
    "api/v1/schema": {"GET": ("200 200 200 200 401", None)},
    # Uploads are their maker's: the table's one belongs to whoever asks, if a member at all.
    f"{W}uploads": {"POST": ("201 201 403 404 401", {})},
    f"{W}uploads/<uuid:upload_id>": {"GET": (LOOK, None), "DELETE": ("204 204 403 404 401", None)},
    f"{W}uploads/<uuid:upload_id>/files/<path:path>": {"PUT": ("201 201 403 404 401", b"bytes")},
    f"{W}models": {"GET": (LOOK, None), "POST": ("201 201 403 404 401", {"name": "new", "upload": "UPLOAD"})},
    f"{W}models/<str:name>": {"GET": (LOOK, None)},
    f"{W}models/<str:name>/versions/<int:number>": {
        "GET": (LOOK, None),
        "PATCH": ("200 200 403 404 401", {"tags": {"area": "mnist"}}),
        "DELETE": ("204 204 403 404 401", None),
    },
    f"{W}models/<str:name>/versions/<int:number>/files/<path:path>": {"GET": (LOOK, None)},
    f"{W}targets": {"GET": (LOOK, None)},
    f"{W}services": {
        "GET": (LOOK, None),
        "POST": ("202 202 403 404 401", {"name": "second", "models": ["digits:1"]}),
    },
    f"{W}services/<str:name>": {"GET": (LOOK, None), "DELETE": ("202 202 403 404 401", None)},
    # Keys are for those who may change what they open.
    f"{W}services/<str:name>/keys": {"GET": ("200 200 403 404 401", None)},
    f"{W}services/<str:name>/keys/regenerate": {"POST": ("200 200 403 404 401", {"key": "Primary"})},
    f"{W}services/<str:name>/logs": {"GET": (LOOK, None)},
    # 409: no gateway answers in these tests.
    f"{W}services/<str:name>/try": {"POST": ("409 409 403 404 401", {"data": [[1]]})},
    f"{W}deployments": {"GET": (LOOK, None)},
    f"{W}deployments/<int:deployment_id>": {"GET": (LOOK, None)},
    f"{W}deployments/<int:deployment_id>/cancel": {"POST": ("200 200 403 404 401", {})},
    # 409: it is still running.
    f"{W}deployments/<int:deployment_id>/retry": {"POST": ("409 409 403 404 401", {})},
    f"{W}deployments/<int:deployment_id>/log": {"GET": (LOOK, None)},
    f"{W}deployments/<int:deployment_id>/log/stream": {"GET": (LOOK, None)},
    f"{W}deployments/<int:deployment_id>/log.txt": {"GET": (LOOK, None)},
    f"{P}running/": {"GET": (LOOK_PAGE, None)},
    f"{P}sample/": {"POST": (WRITE_PAGE, {})},
    f"{P}models/": {"GET": (LOOK_PAGE, None)},
    f"{P}register/": {"GET": (LOOK_PAGE, None)},
    f"{P}models/<str:name>/": {"GET": (LOOK_PAGE, None)},
    f"{P}models/<str:name>/<int:number>/": {"GET": (LOOK_PAGE, None)},
    f"{P}models/<str:name>/<int:number>/tags/": {"POST": (WRITE_PAGE, {"add": "area=mnist"})},
    f"{P}models/<str:name>/<int:number>/description/": {"POST": (WRITE_PAGE, {"description": "digits"})},
    f"{P}models/<str:name>/<int:number>/delete/": {"POST": (WRITE_PAGE, {})},
    f"{P}models/<str:name>/<int:version>/deploy/": {
        "GET": (LOOK_PAGE, None),
        "POST": (WRITE_PAGE, {"mode": "new", "name": "second", "target": "process", "size": "small"}),
    },
    f"{P}models/<str:name>/<int:version>/deploy/summary/": {"POST": ("200 200 403 404 302", {"name": "second"})},
    f"{P}services/": {"GET": (LOOK_PAGE, None)},
    f"{P}services/<str:name>/": {"GET": (LOOK_PAGE, None)},
    f"{P}services/<str:name>/try/": {"POST": ("200 200 403 404 302", {"body": "{}"})},
    f"{P}services/<str:name>/keys/": {"POST": (WRITE_PAGE, {"key": "Primary"})},
    f"{P}services/<str:name>/delete/": {"POST": (WRITE_PAGE, {})},
    f"{P}deployments/": {"GET": (LOOK_PAGE, None)},
    f"{P}deployments/<int:pk>/": {"GET": (LOOK_PAGE, None)},
    f"{P}deployments/<int:pk>/cancel/": {"POST": (WRITE_PAGE, {})},
    f"{P}deployments/<int:pk>/retry/": {"POST": (WRITE_PAGE, {})},
    f"{P}targets/": {"GET": (LOOK_PAGE, None)},
}
CASES = [(route, method, *row) for route, methods in TABLE.items() for method, row in methods.items()]
NAMES = [f"{method} /{route}" for route, method, *_ in CASES]


def routes(patterns=None, before: str = "") -> list[str]:
    found = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        found += [route] if isinstance(pattern, URLPattern) else routes(pattern.url_patterns, route)
    return found


@pytest.fixture
def world(settings, place, owner, contributor, reader, stranger):
    """A model, a service that is under way, and where everything is."""
    settings.GATEWAY_URL = "http://127.0.0.1:9"
    used = objects.version(place, contributor, "used")
    running = objects.deployment(place, contributor, models=[used.reference])
    objects.version(place, contributor)
    return {"place": place, "running": running, "token": create_token(user=contributor, name="laptop")[0]}


def address(route: str, world: dict, user: User | None) -> tuple[str, str]:
    """The path, and the upload that stands for `user`'s own."""
    member = user if user and user.workspaces.filter(pk=world["place"].pk).exists() else None
    mine = str(start_upload(workspace=world["place"], by=member).pk) if member else str(uuid.uuid4())
    if member and ("uploads" in route or route.endswith("/models")):
        mine = str(objects.upload(world["place"], member, {"model.pkl": b"weights"}).pk)
    name = "reader" if "services/" in route else "digits"
    values = {
        "str:workspace": "vision", "str:name": name, "int:number": 1, "int:version": 1, "path:path": "model.pkl",
        "uuid:upload_id": mine, "int:deployment_id": world["running"].pk, "int:pk": world["running"].pk,
        "int:token_id": world["token"].pk,
    }  # fmt: skip
    for key, value in values.items():
        route = route.replace(f"<{key}>", str(value))
    return f"/{route}", mine


def ask(user: User | None, method: str, path: str, sent, upload: str, **options):
    client = objects.signed_in(user, **options) if user else Client(**options)
    if sent is None:
        return client.generic(method, path)
    if isinstance(sent, bytes):
        return client.generic(method, path, sent, "application/octet-stream")
    if path.startswith("/api/"):
        return client.generic(method, path, json.dumps(sent).replace("UPLOAD", upload), "application/json")
    return client.post(path, sent)


def outcome(user, method, route, sent, world):
    """The answer, with all that it did undone."""
    with transaction.atomic():
        path, upload = address(route, world, user)
        answer = ask(user, method, path, sent, upload)
        transaction.set_rollback(True)
    return answer


def test_every_address_of_the_studio_is_in_the_table():
    mine = [route for route in routes() if not route.startswith("admin/")]
    assert sorted(mine) == sorted(TABLE)


@pytest.mark.parametrize(("route", "method", "statuses", "sent"), CASES, ids=NAMES)
def test_each_role_gets_what_it_is_due(world, route, method, statuses, sent):
    users = [*(User.objects.get(username=name) for name in ("olga", "carl", "rita", "stan")), None]
    if route.rstrip("/").endswith("/try"):
        objects.live(world["running"])
    found = [outcome(user, method, route, sent, world) for user in users]
    assert " ".join(str(answer.status_code) for answer in found) == statuses, dict(
        zip(WHO, [answer.content[:300] if not answer.streaming else b"" for answer in found], strict=True)
    )
    if statuses.endswith("302") and not route.startswith(("sign-out", "account/theme")):
        assert found[-1]["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("route", TABLE)
def test_methods_that_are_not_in_the_table_are_not_there(world, owner, route):
    allowed = set(TABLE[route]) | ({"HEAD"} if "GET" in TABLE[route] else set())
    if route in {"healthz", "account/", "sign-in/"}:
        return
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - allowed:
        assert outcome(owner, method, route, b"", world).status_code == 405, method


@pytest.mark.parametrize(
    ("route", "method", "statuses", "sent"), [case for case in CASES if "<str:workspace>" in case[0]],
    ids=[name for name in NAMES if "<str:workspace>" in name],
)  # fmt: skip
def test_a_stranger_cannot_tell_what_is_there_from_what_is_not(world, stranger, route, method, statuses, sent):
    there = outcome(stranger, method, route, sent, world)
    nowhere = outcome(stranger, method, route.replace("<str:workspace>", "nowhere"), sent, world)
    assert there.status_code == nowhere.status_code == 404
    assert _told(there, "vision") == _told(nowhere, "nowhere")


def _told(answer, name: str):
    if answer["Content-Type"].startswith("text/html"):
        return answer.context["error"].detail.replace(name, "NAME")
    return answer.content.decode().replace(name, "NAME")


def test_the_whole_console_is_closed_to_members(owner, client):
    paths = {f"/{_filled(route)}" for route in routes() if route.startswith("admin/")}
    assert len(paths) > 50
    # Its sign-in page, which is open, and its sign-out, which signs nobody out who is not in the console.
    for path in sorted(paths - {"/admin/login/", "/admin/logout/"}):
        for browser in (objects.signed_in(owner), client):
            answer = browser.get(path)
            assert (answer.status_code, answer.get("Location", "").split("?")[0]) == (302, "/admin/login/"), path


def _filled(route: str) -> str:
    """A path for an admin route: converters and groups become 1, the list of an app is the registry's."""
    if "app_label" in route:
        return "admin/registry/"
    return re.sub(r"<\w+:\w+>|<\w+>|\(\?P<url>\.\*\)\$", "1", route)


def test_somebody_elses_upload_is_not_there_even_for_an_owner(place, owner, contributor):
    theirs = objects.upload(place, contributor, {"model.pkl": b"weights"})
    path = f"/api/v1/workspaces/vision/uploads/{theirs.pk}"
    client = objects.with_token(owner)
    assert client.get(path).status_code == 404
    assert client.put(f"{path}/files/model.pkl", b"mine").status_code == 404
    assert client.delete(path).status_code == 404
    asked = {"name": "stolen", "upload": str(theirs.pk)}
    assert client.post("/api/v1/workspaces/vision/models", asked, "application/json").status_code == 404


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(place, owner):
    browser = objects.signed_in(owner)
    assert browser.get("/w/vision/models/").status_code == 200
    owner.memberships.all().delete()
    assert browser.get("/w/vision/models/").status_code == 404


WRITES = [case for case in CASES if case[1] != "GET" and case[0] not in {"sign-in/"}]


@pytest.mark.parametrize(
    ("route", "method", "statuses", "sent"), WRITES, ids=[f"{method} /{route}" for route, method, *_ in WRITES]
)
def test_a_signed_in_browser_writes_nothing_without_the_csrf_token(world, contributor, route, method, statuses, sent):
    path, upload = address(route, world, contributor)
    answer = ask(contributor, method, path, sent, upload, enforce_csrf_checks=True)
    assert answer.status_code == 403
    if path.startswith("/api/"):
        assert answer["Content-Type"] == "application/problem+json"
        assert "CSRF" in answer.json()["detail"]


def test_a_browser_writes_with_the_csrf_token_and_a_program_with_its_own_needs_none(place, contributor, settings):
    browser = objects.signed_in(contributor, enforce_csrf_checks=True)
    browser.get("/w/vision/register/")
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    started = browser.post(f"{API}/uploads", {}, "application/json", headers={"X-CSRFToken": token})
    assert started.status_code == 201
    program = objects.with_token(contributor)
    program.handler.enforce_csrf_checks = True
    assert program.post(f"{API}/uploads", {}, "application/json").status_code == 201
