"""Who may do what, at every address there is: a new URL fails here until its row is written."""

import pytest
from django.db import transaction
from django.test import override_settings

from tests.studio.urls import routes
from tests.studio.world import WHO, World

pytestmark = pytest.mark.django_db

W = "api/v1/workspaces/<str:workspace>/"
P = "w/<str:workspace>/"
LOOK = "200 200 200 404 401"
LOOK_PAGE = "200 200 200 404 302"
OWNERS_PAGE = "200 403 403 404 302"
WRITE_PAGE = "302 302 403 404 302"
MODEL = {"name": "digits", "number": 1, "path": "model.pkl"}
SERVICE = {"name": "reader"}
PROFILE = {"name": "second", "models": ["digits:1"], "target": "process", "samples": '{"data": [[1.0]]}'}
CLUSTER = {"name": "lake", "kind": "kubernetes", "registry": "registry.example"}

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
    "docs/api/": {"GET": ("200 200 200 200 302", None)},
    "docs/api/<str:name>/": {"GET": ("200 200 200 200 302", None)},
    "api/v1/": {"GET": ("200 200 200 200 401", None)},
    "api/v1/openapi.json": {"GET": ("200 200 200 200 401", None)},
    f"{W}uploads": {"POST": ("201 201 403 404 401", {})},
    f"{W}uploads/<uuid:upload_id>": {"GET": (LOOK, None), "DELETE": ("204 204 403 404 401", None)},
    f"{W}uploads/<uuid:upload_id>/files/<path:path>": {"PUT": ("201 201 403 404 401", b"bytes")},
    # 422: model.pkl is no archive.
    f"{W}uploads/<uuid:upload_id>/unpack": {"POST": ("422 422 403 404 401", {"path": "model.pkl"})},
    f"{W}uploads/<uuid:upload_id>/tus": {"POST": ("201 201 403 404 401", b"bytes")},
    f"{W}uploads/<uuid:upload_id>/tus/<uuid:file_id>": {
        "HEAD": (LOOK, None),
        "PATCH": ("204 204 403 404 401", b"bytes"),
        "DELETE": ("204 204 403 404 401", None),
    },
    f"{W}models": {"GET": (LOOK, None), "POST": ("201 201 403 404 401", {"name": "new", "upload": "UPLOAD"})},
    f"{W}models/<str:name>": {"GET": (LOOK, None)},
    f"{W}models/<str:name>/aliases/<str:alias>": {
        "PUT": ("200 200 403 404 401", {"version": 1}),
        "DELETE": ("204 204 403 404 401", None),
    },
    f"{W}search/facets": {"GET": (LOOK, None)},
    f"{W}search/suggestions": {"GET": (LOOK, None)},
    # Views of one's own are a reader's too.
    f"{W}views": {"GET": (LOOK, None), "POST": ("201 201 201 404 401", {"name": "mine", "query": "area=mnist"})},
    # Each sees the view that is shared; it is the owner's and its maker's, the contributor's, to change.
    f"{W}views/<int:view_id>": {
        "PATCH": ("200 200 403 404 401", {"name": "other"}),
        "DELETE": ("204 204 403 404 401", None),
    },
    f"{W}bulk": {"POST": ("200 200 403 404 401", {"references": ["digits:1"], "stage": "Staging"})},
    # 422: it wants at least two versions.
    f"{W}compare": {"GET": ("422 422 422 404 401", None)},
    f"{W}activity": {"GET": (LOOK, None)},
    f"{W}models/<str:name>/versions/<int:number>": {
        "GET": (LOOK, None),
        "PATCH": ("200 200 403 404 401", {"tags": {"area": "mnist"}}),
        "DELETE": ("204 204 403 404 401", None),
    },
    f"{W}models/<str:name>/versions/<int:number>/files/<path:path>": {"GET": (LOOK, None)},
    f"{W}models/<str:name>/versions/<int:number>/archive": {"GET": (LOOK, None)},
    f"{W}models/<str:name>/versions/<int:number>/verify": {"POST": ("200 200 403 404 401", {})},
    f"{W}settings": {"GET": (LOOK, None), "PATCH": ("200 403 403 404 401", {"pickle_policy": "known-only"})},
    # 422: the kubeconfig is missing. Only owners attach, change and detach.
    f"{W}targets": {"GET": (LOOK, None), "POST": ("422 403 403 404 401", CLUSTER)},
    # 503: no cluster answers in these tests.
    f"{W}targets/<str:name>": {
        "GET": (LOOK, None),
        "PATCH": ("503 403 403 404 401", {"access": "proxy"}),
        "DELETE": ("204 403 403 404 401", None),
    },
    f"{W}targets/<str:name>/test": {"POST": ("503 503 403 404 401", {})},
    f"{W}kubernetes/rbac.yaml": {"GET": (LOOK, None)},
    f"{W}services": {
        "GET": (LOOK, None),
        "POST": ("202 202 403 404 401", {"name": "second", "models": ["digits:1"]}),
    },
    f"{W}services/<str:name>": {"GET": (LOOK, None), "DELETE": ("202 202 403 404 401", None)},
    # 409: it serves nothing yet.
    f"{W}services/<str:name>/scale": {"POST": ("409 409 403 404 401", {"replicas": 2})},
    # Keys are for those who may change what they open.
    f"{W}services/<str:name>/keys": {"GET": ("200 200 403 404 401", None)},
    f"{W}services/<str:name>/keys/regenerate": {"POST": ("200 200 403 404 401", {"key": "Primary"})},
    f"{W}services/<str:name>/logs": {"GET": (LOOK, None)},
    f"{W}services/<str:name>/log": {"GET": (LOOK, None)},
    f"{W}services/<str:name>/metrics": {"GET": (LOOK, None)},
    f"{W}services/<str:name>/log/stream": {"GET": (LOOK, None)},
    f"{W}services/<str:name>/log.txt": {"GET": (LOOK, None)},
    # 409: no gateway answers in these tests.
    f"{W}services/<str:name>/try": {"POST": ("409 409 403 404 401", {"data": [[1]]})},
    f"{W}profiles": {"GET": (LOOK, None), "POST": ("202 202 403 404 401", PROFILE)},
    # 409: it is under way.
    f"{W}profiles/<str:name>": {"GET": (LOOK, None), "DELETE": ("409 409 403 404 401", None)},
    f"{W}profiles/<str:name>/cancel": {"POST": ("200 200 403 404 401", {})},
    f"{W}profiles/<str:name>/resume": {"POST": ("409 409 403 404 401", {})},
    f"{W}profiles/<str:name>/result": {"GET": (LOOK, None)},
    f"{W}profiles/<str:name>/points.csv": {"GET": (LOOK, None)},
    f"{W}profiles/<str:name>/log": {"GET": (LOOK, None)},
    f"{W}deployments": {"GET": (LOOK, None)},
    f"{W}deployments/<int:deployment_id>": {"GET": (LOOK, None)},
    f"{W}deployments/<int:deployment_id>/cancel": {"POST": ("200 200 403 404 401", {})},
    # 409: it is still running.
    f"{W}deployments/<int:deployment_id>/retry": {"POST": ("409 409 403 404 401", {})},
    f"{W}deployments/<int:deployment_id>/log": {"GET": (LOOK, None)},
    f"{W}deployments/<int:deployment_id>/log/stream": {"GET": (LOOK, None)},
    f"{W}deployments/<int:deployment_id>/log.txt": {"GET": (LOOK, None)},
    f"{P}settings/": {
        "GET": (LOOK_PAGE, None),
        "POST": ("302 403 403 404 302", {"pickle_policy": "known-only"}),
    },
    f"{P}running/": {"GET": (LOOK_PAGE, None)},
    f"{P}sample/": {"POST": (WRITE_PAGE, {})},
    f"{P}models/": {"GET": (LOOK_PAGE, None)},
    f"{P}bulk/": {"POST": (WRITE_PAGE, {"version": "digits:1", "do": "tags", "add": "area=mnist"})},
    # How the table looks, and views of one's own, are a reader's too.
    f"{P}table/": {"POST": ("302 302 302 404 302", {"column": "tags"})},
    f"{P}views/": {
        "GET": (LOOK_PAGE, None),
        "POST": ("302 302 302 404 302", {"name": "mine", "query": "area=mnist"}),
    },
    f"{P}views/<int:pk>/": {"POST": ("302 302 302 404 302", {"do": "delete"})},
    f"{P}register/": {"GET": (LOOK_PAGE, None)},
    f"{P}models/<str:name>/": {"GET": (LOOK_PAGE, None)},
    f"{P}models/<str:name>/<int:number>/": {"GET": (LOOK_PAGE, None)},
    f"{P}models/<str:name>/<int:number>/tags/": {"POST": (WRITE_PAGE, {"add": "area=mnist"})},
    f"{P}models/<str:name>/<int:number>/description/": {"POST": (WRITE_PAGE, {"description": "digits"})},
    f"{P}models/<str:name>/<int:number>/properties/": {"POST": (WRITE_PAGE, {"add": "data=2026-10"})},
    f"{P}models/<str:name>/<int:number>/aliases/": {"POST": (WRITE_PAGE, {"add": "champion"})},
    f"{P}models/<str:name>/<int:number>/stage/": {"POST": (WRITE_PAGE, {"stage": "Production"})},
    f"{P}models/<str:name>/<int:number>/verify/": {"POST": (WRITE_PAGE, {})},
    f"{P}compare/": {"GET": (LOOK_PAGE, None)},
    f"{P}compare/candidates/": {"GET": (LOOK_PAGE, None)},
    f"{P}models/<str:name>/<int:number>/delete/": {"POST": (WRITE_PAGE, {})},
    f"{P}models/<str:name>/<int:version>/deploy/": {
        "GET": (LOOK_PAGE, None),
        "POST": (WRITE_PAGE, {"mode": "new", "name": "second", "target": "process", "size": "small"}),
    },
    f"{P}models/<str:name>/<int:version>/deploy/summary/": {"POST": ("200 200 403 404 302", {"name": "second"})},
    f"{P}models/<str:name>/<int:version>/profile/": {
        "GET": (LOOK_PAGE, None),
        "POST": (WRITE_PAGE, {"target": "process", "samples": "paste", "samples_text": PROFILE["samples"]}),
    },
    f"{P}models/<str:name>/<int:version>/profile/summary/": {"POST": ("200 200 403 404 302", {"name": "second"})},
    f"{P}profiles/": {"GET": (LOOK_PAGE, None)},
    f"{P}profiles/compare/": {"GET": (LOOK_PAGE, None)},
    f"{P}profiles/<str:name>/": {"GET": (LOOK_PAGE, None)},
    f"{P}profiles/<str:name>/cancel/": {"POST": (WRITE_PAGE, {})},
    f"{P}profiles/<str:name>/resume/": {"POST": (WRITE_PAGE, {})},
    f"{P}profiles/<str:name>/delete/": {"POST": (WRITE_PAGE, {})},
    f"{P}services/": {"GET": (LOOK_PAGE, None)},
    f"{P}services/<str:name>/": {"GET": (LOOK_PAGE, None)},
    f"{P}services/<str:name>/metrics/": {"GET": (LOOK_PAGE, None)},
    f"{P}services/<str:name>/try/": {"POST": ("200 200 403 404 302", {"body": "{}"})},
    f"{P}services/<str:name>/scale/": {"POST": (WRITE_PAGE, {"how": "fixed", "replicas": "2"})},
    f"{P}services/<str:name>/keys/": {"POST": (WRITE_PAGE, {"key": "Primary"})},
    f"{P}services/<str:name>/delete/": {"POST": (WRITE_PAGE, {})},
    f"{P}deployments/": {"GET": (LOOK_PAGE, None)},
    f"{P}deployments/<int:pk>/": {"GET": (LOOK_PAGE, None)},
    f"{P}deployments/<int:pk>/cancel/": {"POST": (WRITE_PAGE, {})},
    f"{P}deployments/<int:pk>/retry/": {"POST": (WRITE_PAGE, {})},
    f"{P}targets/": {"GET": (LOOK_PAGE, None)},
    f"{P}targets/attach/": {"GET": (OWNERS_PAGE, None), "POST": ("422 403 403 404 302", CLUSTER)},
    f"{P}targets/<str:name>/": {"GET": (LOOK_PAGE, None)},
    f"{P}targets/<str:name>/test/": {"POST": ("200 200 403 404 302", {})},
    f"{P}targets/<str:name>/update/": {
        "GET": (OWNERS_PAGE, None),
        "POST": ("422 403 403 404 302", {"registry": "registry.example"}),
    },
    f"{P}targets/<str:name>/detach/": {"POST": ("302 403 403 404 302", {})},
}
CASES = [(route, method, *row) for route, methods in TABLE.items() for method, row in methods.items()]
NAMES = [f"{method} /{route}" for route, method, *_ in CASES]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """One for all tests of this module: every request to it is undone."""
    data = tmp_path_factory.mktemp("permissions")
    with (
        django_db_blocker.unblock(),
        override_settings(DATA_DIR=data, GATEWAY_URL="http://127.0.0.1:9"),
        transaction.atomic(),
    ):
        yield World()
        transaction.set_rollback(True)


def test_every_address_of_the_studio_is_in_the_table():
    mine = [route for route in routes() if not route.startswith("admin/")]
    assert sorted(mine) == sorted(TABLE)


@pytest.mark.parametrize(("route", "method", "statuses", "sent"), CASES, ids=NAMES)
def test_each_role_gets_what_it_is_due(world, route, method, statuses, sent):
    live = route.rstrip("/").endswith("/try")
    found = {who: world.ask(who, method, route, sent, live=live) for who in WHO}
    words = {who: b"" if answer.streaming else answer.content[:300] for who, answer in found.items()}
    assert " ".join(str(answer.status_code) for answer in found.values()) == statuses, words
    if statuses.endswith("302") and not route.startswith(("sign-out", "account/theme")):
        assert found["anonymous"]["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("route", sorted(set(TABLE) - {"healthz", "account/", "sign-in/"}))
def test_methods_that_are_not_in_the_table_are_not_there(world, route):
    allowed = set(TABLE[route]) | ({"HEAD"} if "GET" in TABLE[route] else set())
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - allowed:
        assert world.ask("owner", method, route, b"").status_code == 405, method


IN_A_WORKSPACE = [case for case in CASES if "<str:workspace>" in case[0]]


@pytest.mark.parametrize(("route", "method", "statuses", "sent"), IN_A_WORKSPACE)
def test_a_stranger_cannot_tell_what_is_there_from_what_is_not(world, route, method, statuses, sent):
    there = world.ask("stranger", method, route, sent)
    nowhere = world.ask("stranger", method, route.replace("<str:workspace>", "nowhere"), sent)
    assert there.status_code == nowhere.status_code == 404
    assert _told(there, "vision") == _told(nowhere, "nowhere")


def _told(answer, name: str) -> str:
    if answer["Content-Type"].startswith("text/html"):
        return answer.context["error"].detail.replace(name, "NAME")
    return answer.content.decode().replace(name, "NAME")


WRITES = [case for case in CASES if case[1] not in {"GET", "HEAD"} and case[0] not in {"sign-in/"}]


@pytest.mark.parametrize(("route", "method", "statuses", "sent"), WRITES)
def test_a_signed_in_browser_writes_nothing_without_the_csrf_token(world, route, method, statuses, sent):
    answer = world.ask("contributor", method, route, sent, enforce_csrf_checks=True)
    assert answer.status_code == 403
    if route.startswith("api/"):
        assert answer["Content-Type"] == "application/problem+json"
        assert "CSRF" in answer.json()["detail"]
