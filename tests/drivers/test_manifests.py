"""The objects of a workload against the published schemas of the newest Kubernetes releases."""

from importlib import resources

import kubernetes_validate
import pytest
import yaml

from drivers.base import EnvironmentRef, PackageRef, Workload
from drivers.kubernetes import Registry, layout, manifests, permissions
from drivers.kubernetes.manifests import Surroundings
from drivers.scaling import Placement, Probe, Scale


def newest(count: int = 3) -> list[str]:
    folder = resources.files("kubernetes_validate") / "kubernetes-json-schema"
    found = {each.name.removeprefix("v").split("-")[0] for each in folder.iterdir() if each.name.startswith("v")}
    return sorted(found, key=lambda version: tuple(map(int, version.split("."))))[-count:]


def workload(**changes: object) -> Workload:
    package = PackageRef("registry/slipway-package:1@sha256:" + "0" * 64, EnvironmentRef("f", "e", True, 1), "d", True)
    facts = {
        "name": "slipway-iris-r1-0123abcd",
        "owner": "0123456789abcdef",
        "labels": {"workspace": "Ünusual / name", "service": "iris", "revision": "1"},
        "package": package,
        "cpu": 0.1,
        "memory_bytes": 2**28,
    }
    return Workload(**(facts | changes))


EVERYTHING = {
    "variables": {"A.b-c": "1"},
    "cpu_limit": 2.0,
    "memory_limit_bytes": 2**30,
    "gpus": 1,
    "scale": Scale(1, 5, 60),
    "liveness": Probe(5, 30, 3, 4),
    "placement": Placement({"disk": "ssd"}, ({"key": "gpu", "operator": "Exists"},), {"example.org/team": "vision"}),
}
WITH_PASSWORD = Registry("registry.example.org:5000", "models", "user", "secret")


@pytest.mark.parametrize("version", newest())
@pytest.mark.parametrize(
    ("changes", "registry", "node_port"),
    [({}, Registry("registry:5000"), False), (EVERYTHING, WITH_PASSWORD, True)],
    ids=["plain", "everything"],
)
def test_every_object_is_one_of_the_newest_releases(version, changes, registry, node_port):
    where = Surroundings("slipway-vision", registry, node_port)
    made = list(manifests.objects(workload(**changes), where, replicas=1))
    for each in made:
        kubernetes_validate.validate(each, version, strict=True)
    kinds = [each["kind"] for each in made]
    assert set(kinds) == set(layout.KINDS) - (set() if changes else {"HorizontalPodAutoscaler"})
    assert kinds == sorted(kinds, key=layout.KINDS.index)  # what pods need is there before them


@pytest.mark.parametrize("version", newest())
def test_so_are_the_permissions_that_are_shown(version):
    for each in yaml.safe_load_all(permissions.as_yaml("slipway-vision")):
        kubernetes_validate.validate(each, version, strict=True)


def test_the_schemas_are_those_of_the_newest_three_and_find_faults():
    versions = newest()
    assert len(versions) == 3 and tuple(map(int, versions[0].split("."))) >= (1, 35)
    broken = next(iter(manifests.objects(workload(), Surroundings("a", Registry("r")), 1))) | {"automount": True}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, versions[-1], strict=True)


def test_labels_are_ones_that_kubernetes_takes_whatever_people_call_things():
    made = next(iter(manifests.objects(workload(), Surroundings("a", Registry("r")), 1)))
    assert made["metadata"]["labels"]["slipway.io/workspace"] == "nusual-name"


def test_pods_differ_by_what_decides_them_and_by_nothing_else():
    plain = manifests.digest_of(workload())
    assert manifests.digest_of(workload(scale=Scale(3))) == plain
    for name, value in EVERYTHING.items():
        if name != "scale":
            assert manifests.digest_of(workload(**{name: value})) != plain, name
