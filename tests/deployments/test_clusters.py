"""Attaching clusters, on a real one with a real registry: what is kept, what is shown, and why one is refused."""

import base64
import json
import logging
import os
import subprocess
import time

import pytest
import yaml

from deployments import connections, targets
from deployments.models import Target
from drivers import base
from drivers.kubernetes import permissions
from tests import a_cluster, objects
from tests.a_cluster import kubectl
from tests.conftest import missing
from tests.deployments.test_kubeconfig import AUTHORITY, encoded
from tests.journeys.clusters import Account
from tests.journeys.servers import _wait, free_port

pytestmark = pytest.mark.django_db
W = "/api/v1/workspaces/vision"
NEVER = f"slipway-never-{os.getpid()}"  # a namespace that nothing here may make
PASSWORD = "open sesame"
# bcrypt, the only kind that the registry reads.
HTPASSWD = "slipway:$2b$05$1kqawrEc40j/wH3hJqPDq.2RjKYcuo8VtxzKy2dPaoPkVp13pxrwK\n"


@pytest.fixture(scope="module")
def cluster():
    a_cluster.required()


@pytest.fixture(scope="module")
def account(cluster):
    """With exactly the permissions that the studio asks for."""
    made = Account(f"slipway-attach-{os.getpid()}")
    made.grant(permissions.as_yaml(made.namespace))
    yield made
    made.remove()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """The address of a registry that wants slipway's password."""
    folder, port = tmp_path_factory.mktemp("registry"), free_port()
    (folder / "htpasswd").write_text(HTPASSWD)
    config = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        "http": {"addr": f"127.0.0.1:{port}"},
        "auth": {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}},
    }
    (folder / "config.yml").write_text(yaml.safe_dump(config))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    try:
        server = subprocess.Popen(["docker-registry", "serve", folder / "config.yml"], **quiet)
    except FileNotFoundError:
        missing("Debian's docker-registry")
    _wait(lambda: subprocess.run(["curl", "-s", f"127.0.0.1:{port}/v2/"], **quiet).returncode == 0)
    yield f"127.0.0.1:{port}"
    server.terminate()
    server.wait(30)


@pytest.fixture(autouse=True)
def drivers():
    targets.forget_all()
    yield
    for place in list(targets._drivers):
        targets.forget(place)


@pytest.fixture
def api(place, owner):
    return objects.with_token(owner)


def send(api, method: str, path: str, body=None):
    return api.generic(method, f"{W}/{path}", "" if body is None else json.dumps(body), "application/json")


def asked_of(account: Account, **changes: object) -> dict[str, object]:
    known = {"kubeconfig": account.kubeconfig(), "namespace": account.namespace, "registry": a_cluster.REGISTRY}
    return {"name": "prod", "kind": "kubernetes", **known, **changes}


def attached(api, account: Account, **changes: object) -> Target:
    answer = send(api, "POST", "targets", asked_of(account, **changes))
    assert answer.status_code == 201, answer.content
    return Target.objects.get(name="prod", detached=False)


def test_a_cluster_is_attached_shown_tested_changed_and_detached(api, account):
    made = send(api, "POST", "targets", asked_of(account, registry=f"{a_cluster.REGISTRY}/models"))
    assert made.status_code == 201
    shown = made.json()
    assert (shown["name"], shown["kind"], shown["available"], shown["created_by"]) == (
        "prod",
        "kubernetes",
        True,
        "olga",
    )
    assert shown["connection"] == {
        "server": a_cluster.connection().server, "in_cluster": False, "namespace": account.namespace,
        "registry": f"{a_cluster.REGISTRY}/models", "registry_username": "", "access": "auto",
    }  # fmt: skip
    assert shown["cpu"] > 0 and "1 of 1 nodes ready" in shown["detail"]
    assert send(api, "GET", "targets/prod").json() == shown
    assert send(api, "GET", "targets").json() == {"value": [shown]}

    report = send(api, "POST", "targets/prod/test").json()
    assert (report["works"], report["missing"], report["problems"]) == (True, [], [])
    assert report["version"].startswith("v1.") and report["room"]["nodes"] == report["room"]["ready"] == 1

    changed = send(api, "PATCH", "targets/prod", {"access": "proxy", "registry": a_cluster.REGISTRY})
    assert changed.status_code == 200, changed.content
    assert changed.json()["connection"] == shown["connection"] | {"access": "proxy", "registry": a_cluster.REGISTRY}

    assert send(api, "DELETE", "targets/prod").status_code == 204
    assert send(api, "GET", "targets/prod").json()["code"] == "target-not-found"
    assert not Target.objects.exists() and account.objects() == []
    assert account.namespace in kubectl("get", "namespace", account.namespace, "-o", "name")  # it was there before


def test_secrets_are_kept_sealed_and_shown_nowhere(api, account, guarded, caplog):
    caplog.set_level(logging.DEBUG)
    hidden = [account.token, PASSWORD, encoded(f"slipway:{PASSWORD}")]
    attached(api, account, registry=guarded, registry_username="slipway", registry_password=PASSWORD)
    row = str(Target.objects.values().get())
    said = [send(api, "GET", "targets"), send(api, "GET", "targets/prod"), send(api, "POST", "targets/prod/test")]
    wrong = send(api, "PATCH", "targets/prod", {"registry_username": "slipway", "registry_password": "wr0ng-pass"})
    assert wrong.json()["code"] == "cluster-unusable" and "wr0ng-pass" not in caplog.text
    texts = [row, caplog.text, *(each.content.decode() for each in [*said, wrong])]
    assert not [secret for secret in hidden for text in texts if secret in text]
    target = Target.objects.get()
    assert connections.connection_of(target).token == account.token
    assert connections.registry_of(target).password == PASSWORD


def test_the_registrys_password_goes_along_with_what_is_pulled(api, account, guarded):
    made = attached(api, account, registry=guarded, registry_username="slipway", registry_password=PASSWORD)
    driver = targets.driver_of(made)
    package = base.PackageRef(f"{guarded}/x@sha256:{'0' * 64}", base.EnvironmentRef("x", "x", False, 0), "x", False)
    handle = driver.apply(base.Workload("slipway-guarded", "tests", {}, package, 0.1, 64 << 20))
    secret = json.loads(kubectl("-n", account.namespace, "get", "secret", "slipway-guarded-pull", "-o", "json"))
    driver.delete(handle, grace_s=0)
    assert secret["type"] == "kubernetes.io/dockerconfigjson"
    login = json.loads(base64.b64decode(secret["data"][".dockerconfigjson"]))["auths"][guarded]
    assert (login["username"], login["password"]) == ("slipway", PASSWORD)


def test_a_registrys_password_is_not_given_to_another(api, account, guarded):
    made = attached(api, account, registry=guarded, registry_username="slipway", registry_password=PASSWORD)
    same = send(api, "PATCH", "targets/prod", {"registry": f"{guarded}/models"})
    assert same.json()["connection"]["registry_username"] == "slipway"
    elsewhere = guarded.replace("127.0.0.1", "localhost")  # it would take the password, but is not whom it is for
    other = send(api, "PATCH", "targets/prod", {"registry": elsewhere})
    assert f"The registry {elsewhere} wants a username and a password" in other.json()["detail"]
    made.refresh_from_db()
    assert (made.connection["registry"], connections.registry_of(made).password) == (f"{guarded}/models", PASSWORD)
    open_to_all = send(api, "PATCH", "targets/prod", {"registry": a_cluster.REGISTRY})
    assert open_to_all.json()["connection"]["registry_username"] == ""
    made.refresh_from_db()
    assert connections.registry_of(made).password == ""


def test_a_change_that_does_not_work_changes_nothing(api, account, admin):
    made = attached(api, account)
    for change in ({"kubeconfig": admin(user={"token": "nobodys"})}, {"registry": f"127.0.0.1:{free_port()}"}):
        assert send(api, "PATCH", "targets/prod", change).status_code in {422, 503}
        now = Target.objects.get()
        assert (now.connection, now.sealed_secrets, now.available) == (made.connection, made.sealed_secrets, True)
    assert send(api, "POST", "targets/prod/test").json()["works"]


def test_a_token_that_was_taken_back_is_told_by_the_next_test(api, account, admin, cluster):
    lent = Account(f"slipway-lent-{os.getpid()}")
    lent.grant(permissions.as_yaml(lent.namespace))
    try:
        attached(api, lent)
        lent.revoke()
        eventually(lambda: send(api, "POST", "targets/prod/test").status_code == 503, 20)
        said = send(api, "POST", "targets/prod/test").json()
        assert "(401)" in said["detail"] and "slipway computetarget update" in said["advice"]
        shown = send(api, "GET", "targets/prod").json()
        assert not shown["available"] and "(401)" in shown["detail"]
        mended = send(api, "PATCH", "targets/prod", {"kubeconfig": admin()})
        assert mended.json()["available"], mended.content
        assert send(api, "DELETE", "targets/prod").status_code == 204
    finally:
        lent.remove()


def eventually(ask, within_s: float) -> None:
    until = time.monotonic() + within_s
    while not ask():
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.fixture
def admin(cluster):
    """`admin(server="…")`: the administrator's kubeconfig, with another cluster or user."""

    def edited(user: dict | None = None, **changes: str) -> str:
        found = yaml.safe_load(a_cluster.kubeconfig().read_text())
        found["clusters"][0]["cluster"] |= {key.replace("_", "-"): value for key, value in changes.items()}
        found["users"][0]["user"] = user or found["users"][0]["user"]
        return yaml.safe_dump(found)

    return edited


def refused(api, code: str, **asked: object) -> dict:
    """The answer to a cluster that cannot be attached; nothing is left of it, here or there."""
    given = {"name": "prod", "kind": "kubernetes", "namespace": NEVER, "registry": a_cluster.REGISTRY, **asked}
    answer = send(api, "POST", "targets", given)
    said = answer.json()
    assert (answer.status_code, said["code"]) == (503 if code == "target-unavailable" else 422, code), said
    assert said["advice"]
    assert not Target.objects.exists()
    assert kubectl("get", "namespace", NEVER, "--ignore-not-found", "-o", "name") == ""
    return said


def test_a_server_that_is_not_there_is_said_to_be(api, admin):
    server = f"https://127.0.0.1:{free_port()}"
    said = refused(api, "target-unavailable", kubeconfig=admin(server=server))
    assert said["detail"].startswith(f"The API server at {server} does not answer (") and "refused" in said["detail"]
    assert said["advice"] == "Check that the cluster runs, and that this machine reaches it."


def test_a_server_that_speaks_no_tls_is_said_to(api, admin, runtime):
    said = refused(api, "target-unavailable", kubeconfig=admin(server=f"https://127.0.0.1:{runtime.server_port}"))
    assert "does not speak TLS as an API server does" in said["detail"]


def test_a_certificate_from_elsewhere_is_not_trusted(api, admin):
    said = refused(api, "target-unavailable", kubeconfig=admin(certificate_authority_data=encoded(AUTHORITY)))
    assert "is not one that the connection trusts: " in said["detail"]
    assert said["advice"].startswith("certificate-authority-data must be of this cluster")


def test_a_wrong_token_is_said_to_be_wrong(api, admin):
    said = refused(api, "target-unavailable", kubeconfig=admin(user={"token": "nobodys"}))
    assert "does not accept the credentials (401): they are wrong, or have expired" in said["detail"]


def test_every_permission_that_an_account_lacks_is_named(api, cluster):
    bare = Account(f"slipway-bare-{os.getpid()}")
    alone = yaml.safe_load_all(permissions.as_yaml(bare.namespace))
    bare.grant(yaml.safe_dump_all([each for each in alone if "rbac" not in each["apiVersion"]]))
    try:
        said = refused(api, "cluster-unusable", kubeconfig=bare.kubeconfig(), namespace=bare.namespace)
        assert bare.objects() == []
    finally:
        bare.remove()
    needed = [(verb, rule) for rule in permissions.RULES if not rule.optional for verb in rule.verbs]
    for (verb, rule), problem in zip(needed, said["problems"], strict=True):
        name = f"{rule.resource}.{rule.group}" if rule.group else rule.resource
        assert problem == f"not allowed: {verb} {name} in namespace {bare.namespace}: needed to {rule.why}"
        assert problem in said["detail"]
    assert "slipway computetarget rbac" in said["advice"]


def test_a_registry_that_is_not_there_is_said_to_be(api, admin):
    registry = f"127.0.0.1:{free_port()}"
    said = refused(api, "cluster-unusable", kubeconfig=admin(), registry=registry)
    (problem,) = said["problems"]
    assert problem.startswith(f"The registry {registry} does not answer: ")


@pytest.mark.parametrize(
    ("login", "why"),
    [
        ({}, "wants a username and a password"),
        ({"registry_username": "slipway", "registry_password": "wrong"}, "does not take the username and password"),
        ({"registry_username": "nobody", "registry_password": PASSWORD}, "does not take the username and password"),
    ],
    ids=["no password", "wrong password", "wrong name"],
)
def test_a_registry_that_does_not_let_the_studio_in_is_said_to(api, admin, guarded, login, why):
    (problem,) = refused(api, "cluster-unusable", kubeconfig=admin(), registry=guarded, **login)["problems"]
    assert problem.startswith(f"The registry {guarded} {why}: ")
