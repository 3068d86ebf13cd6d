"""Attached clusters as rows: their names, what they are refused for, how they go, and how many replicas run there."""

import json

import pytest
import yaml
from cryptography.fernet import Fernet
from django.urls import reverse

from deployments import clusters, connections, secrets, services, targets
from deployments.clusters import Asked
from deployments.errors import ScaleInvalid, ServiceNotReady, TargetInUse, TargetUnavailable
from deployments.models import Package, Target, Workload
from deployments.states import Status
from deployments.transitions import move
from drivers.kubernetes import Connection, Registry
from tests import objects
from tests.journeys.servers import free_port

pytestmark = pytest.mark.django_db
W = "/api/v1/workspaces/vision"
OLD = "the old password"
KUBECONFIG = yaml.safe_dump(
    {
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
)
ASKED = {"name": "prod", "kind": "kubernetes", "registry": "registry.example", "kubeconfig": KUBECONFIG}


@pytest.fixture(autouse=True)
def drivers():
    targets.forget_all()
    secrets._box.cache_clear()
    yield
    targets.forget_all()
    secrets._box.cache_clear()


@pytest.fixture
def api(place, owner):
    return objects.with_token(owner)


@pytest.fixture
def prod(place):
    return stored(place)


def stored(place, name: str = "prod") -> Target:
    """A row as attaching leaves it, of a cluster that does not answer."""
    made = Target(workspace=place, name=name, kind="kubernetes", available=True, cpu=4, memory_bytes=8 << 30)
    connection = Connection(server=f"https://127.0.0.1:{free_port()}", token="a-token")
    registry = Registry("registry.example:5000", "", "slipway", OLD)
    connections.store(made, connection, registry, namespace="slipway-vision", access="auto")
    made.save()
    return made


def send(api, method: str, path: str, body=None):
    return api.generic(method, f"{W}/{path}", "" if body is None else json.dumps(body), "application/json")


NAME = "2 to 63 small letters, digits and dashes"
FIELDS = {
    "a system namespace": ({"namespace": "kube-system"}, "namespace", "cannot be the namespace of services"),
    "no namespace": ({"namespace": "Not Valid"}, "namespace", "cannot be the namespace of services"),
    "a namespace too long": ({"namespace": "n" * 64}, "namespace", "cannot be the namespace of services"),
    "a registry's page": ({"registry": "https://registry.example"}, "registry", "is not a registry's address"),
    "a registry with a tag": ({"registry": "registry.example/x:latest"}, "registry", "is not a registry's address"),
    "a registry at no port": ({"registry": "registry.example:99999"}, "registry", "is not a registry's address"),
    "a registry and a command": ({"registry": "registry.example; true"}, "registry", "is not a registry's address"),
    "a username alone": ({"registry_username": "slipway"}, "registry_username", "go together"),
    "a password alone": ({"registry_password": "x"}, "registry_username", "go together"),
    "two usernames": ({"registry_username": "a:b", "registry_password": "x"}, "registry_username", "no registry's"),
    "a password without end": (
        {"registry_username": "a", "registry_password": "x" * 20_000}, "registry_password", "no password"),
    "a name of capitals": ({"name": "Prod"}, "name", NAME),
    "a name of one letter": ({"name": "p"}, "name", NAME),
    "a name that starts with a digit": ({"name": "1prod"}, "name", NAME),
    "a name that ends in a dash": ({"name": "prod-"}, "name", NAME),
    "a name of two lines": ({"name": "prod\n"}, "name", NAME),
    "a name too long": ({"name": "p" * 64}, "name", NAME),
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "field", "said"), FIELDS.values(), ids=FIELDS)
def test_what_cannot_be_meant_is_said_beside_its_field(api, wrong, field, said):
    answer = send(api, "POST", "targets", ASKED | wrong)
    assert answer.status_code == 422
    assert said in answer.json()["errors"][field][0] and answer.json()["advice"]
    assert not Target.objects.exists()


@pytest.mark.parametrize("name", ["process", "docker", "kubernetes", "local", "aks"])
def test_names_of_what_is_there_by_itself_are_reserved(api, name):
    said = send(api, "POST", "targets", ASKED | {"name": name}).json()
    assert (said["code"], "it is reserved" in said["detail"]) == ("target-name-invalid", True)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"access": "teleport"}, "access"),
        ({"kind": "docker"}, "kind"),
        ({"kubeconfig": 7.5}, ""),
        ({"name": []}, "name"),
    ],
)
def test_what_is_no_request_to_attach_is_refused(api, wrong, field):
    answer = send(api, "POST", "targets", ASKED | wrong)
    assert answer.status_code in {400, 422} and field in answer.content.decode()


@pytest.mark.parametrize("left_out", ["kubeconfig", "registry"])
def test_a_cluster_needs_a_kubeconfig_and_a_registry(api, left_out):
    answer = send(api, "POST", "targets", {key: value for key, value in ASKED.items() if key != left_out})
    assert answer.status_code == 422
    assert f"{left_out} is needed" in answer.json()["detail"].replace("An image registry", "registry")


def test_the_studios_own_cluster_is_attached_only_where_the_operator_allows_it(api, settings):
    own = {key: value for key, value in ASKED.items() if key != "kubeconfig"} | {"in_cluster": True}
    assert "SLIPWAY_IN_CLUSTER_TARGET=on" in send(api, "POST", "targets", own).json()["advice"]
    settings.IN_CLUSTER_TARGET = True
    assert "not both" in send(api, "POST", "targets", ASKED | own).json()["detail"]
    assert "not through the API server" in send(api, "POST", "targets", own | {"access": "proxy"}).json()["detail"]
    outside = send(api, "POST", "targets", own)
    assert "does not run inside a cluster" in outside.json()["detail"]
    assert not Target.objects.exists()


def test_a_name_is_given_once_at_a_time(api, place, prod):
    assert send(api, "POST", "targets", ASKED).json()["code"] == "target-exists"
    objects.workspace("elsewhere").targets.create(name="prod", kind="kubernetes")
    assert place.targets.count() == 1


def test_targets_that_were_detached_leave_their_name_to_the_next(api, place, contributor, rings, prod):
    for _ in range(2):
        queued = objects.deployment(place, contributor, target="prod", overwrite=True)
        Package.objects.create(place=prod.place, location="x")
        with pytest.raises(TargetInUse, match="reader"):  # it is on its way there
            clusters.detach(target=prod)
        move(queued.pk, Status.QUEUED, Status.CANCELLED)
        clusters.detach(target=prod)
        prod.refresh_from_db()
        assert (prod.detached, prod.sealed_secrets) == (True, "") and not Package.objects.exists()
        assert queued.revision.target.name == "prod"
        prod = stored(place)
    assert Target.objects.filter(name="prod").count() == 3
    (shown,) = send(api, "GET", "targets").json()["value"]
    assert shown["name"] == "prod" and send(api, "GET", "targets/prod").json() == shown
    with pytest.raises(Exception, match="was detached"):
        targets.driver_of(Target.objects.filter(detached=True).first())


def test_a_cluster_that_services_run_on_cannot_be_detached_or_moved(api, place, contributor, rings, prod):
    objects.live(objects.deployment(place, contributor, target="prod"))
    said = send(api, "DELETE", "targets/prod")
    assert (said.status_code, said.json()["code"]) == (409, "target-in-use")
    assert "reader" in said.json()["detail"]
    moved = send(api, "PATCH", "targets/prod", {"namespace": "elsewhere"})
    assert (moved.status_code, moved.json()["code"]) == (409, "target-in-use")
    Workload.objects.all().delete()
    assert send(api, "DELETE", "targets/prod").status_code == 204


@pytest.mark.parametrize("name", ["process", "docker"])
def test_what_is_there_by_itself_is_not_changed_tested_or_detached(api, place, name):
    objects.target(place, name)
    for method, path in [("DELETE", name), ("PATCH", name), ("POST", f"{name}/test")]:
        said = send(api, method, f"targets/{path}", {})
        assert (said.status_code, said.json()["code"]) == (409, "target-built-in")
    assert place.targets.filter(name=name, detached=False).exists()


def test_a_cluster_that_is_gone_can_be_detached(api, prod):
    assert send(api, "POST", "targets/prod/test").json()["code"] == "target-unavailable"
    assert send(api, "DELETE", "targets/prod").status_code == 204
    assert not Target.objects.exists()


def test_lost_sealing_keys_are_said_to_be_lost_and_keep_nobody_from_detaching(api, settings, prod):
    settings.SEALING_KEYS, settings.SECRET_KEY = [Fernet.generate_key().decode()], "another"
    secrets._box.cache_clear()
    with pytest.raises(TargetUnavailable, match="cannot be read with this studio's keys") as caught:
        clusters.test_target(target=prod)
    assert "SLIPWAY_SEALING_KEYS" in caught.value.advice
    targets.refresh_targets()
    shown = send(api, "GET", "targets/prod").json()
    assert not shown["available"] and "SLIPWAY_SEALING_KEYS" in shown["detail"]
    assert "studio's keys" in send(api, "PATCH", "targets/prod", {"access": "pods"}).json()["detail"]
    login = {"registry_username": "slipway", "registry_password": "new"}
    anew = send(api, "PATCH", "targets/prod", {"kubeconfig": KUBECONFIG} | login)
    assert "https://127.0.0.1:1 does not answer" in anew.json()["detail"]  # asked with the new credentials
    assert send(api, "DELETE", "targets/prod").status_code == 204


def test_a_namespace_is_the_workspaces_own_unless_another_is_named(api, place):
    assert clusters.default_namespace(place) == "slipway-vision"
    assert "namespace: slipway-vision" in send(api, "GET", "kubernetes/rbac.yaml").content.decode()
    named = send(api, "GET", "kubernetes/rbac.yaml?namespace=models")
    assert named["Content-Type"].startswith("application/yaml")
    kinds = [each["kind"] for each in yaml.safe_load_all(named.content)]
    assert kinds == [
        "Namespace",
        "ServiceAccount",
        "Secret",
        "Role",
        "RoleBinding",
        "ClusterRole",
        "ClusterRoleBinding",
    ]
    assert send(api, "GET", "kubernetes/rbac.yaml?namespace=kube-system").status_code == 422


def test_the_operators_console_shows_a_cluster_without_what_is_sealed(prod):
    browser = objects.signed_in(objects.person("root", is_superuser=True, is_staff=True))
    page = browser.get(reverse("admin:deployments_target_change", args=[prod.pk])).content.decode()
    assert prod.connection["server"] in page
    assert prod.sealed_secrets not in page and "sealed" not in page.lower()


def test_asking_for_nothing_new_keeps_everything_as_it_was():
    assert all(getattr(Asked(), name) is None for name in Asked.__slots__)


@pytest.fixture
def scaled(place, contributor, driver, rings, prod, monkeypatch):
    """`reader`, live on the cluster."""
    monkeypatch.setattr(targets, "kubernetes_driver", lambda _target: driver)
    return objects.live(objects.deployment(place, contributor, target="prod"))


SCALES = {
    "a number": ({"replicas": 3}, {"minimum": 3, "maximum": None, "utilization": 70}),
    "by load": ({"autoscaler": {"minReplicas": 2, "maxReplicas": 5}}, {"minimum": 2, "maximum": 5, "utilization": 70}),
}


@pytest.mark.parametrize(("wanted", "scale"), SCALES.values(), ids=SCALES)
def test_a_service_on_a_cluster_is_scaled(api, scaled, rings, wanted, scale, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(api, "POST", "services/reader/scale", wanted)
    assert (answer.status_code, answer.json()["scale"]) == (202, scale)
    assert Workload.objects.get().scale == scale
    assert send(api, "GET", "services/reader").json()["scale"] == scale
    assert rings[-1][1] == Workload.objects.get().pk


WRONG = {
    "none": {"replicas": 0},
    "fewer than none": {"replicas": -1},
    "too many": {"replicas": 1001},
    "both": {"replicas": 2, "autoscaler": {"minReplicas": 1}},
    "neither": {},
    "more at least than at most": {"autoscaler": {"minReplicas": 3, "maxReplicas": 2}},
}


@pytest.mark.parametrize("wanted", WRONG.values(), ids=WRONG)
def test_a_scale_that_cannot_be_is_refused(api, scaled, wanted):
    before = Workload.objects.get().scale
    answer = send(api, "POST", "services/reader/scale", wanted)
    assert (answer.status_code, answer.json()["code"] in {"scale-invalid", "config-invalid"}) == (422, True)
    assert answer.json()["advice"] and Workload.objects.get().scale == before


def test_a_target_of_one_replica_says_so(place, contributor, driver, rings):
    queued = objects.deployment(place, contributor)
    with pytest.raises(ServiceNotReady):
        services.scale_service(service=queued.revision.service, replicas=2)
    with pytest.raises(ScaleInvalid, match="runs on target 'process', which runs one replica"):
        services.scale_service(service=objects.live(queued), replicas=2)


def test_detaching_is_refused_in_the_verb_as_in_the_api(scaled, prod):
    with pytest.raises(TargetInUse):
        clusters.detach(target=prod)
