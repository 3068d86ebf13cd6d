"""The kubernetes target where it differs from the others: states in a cluster's words, and what it leaves there."""

import http.client
import json
import time
from dataclasses import replace

import pytest
import yaml
from workbench import ECHO, MB, eventually, kubernetes_target, package_spec, seen_as

from drivers.base import Handle, Phase
from drivers.errors import NameTaken, TargetUnavailable
from drivers.kubernetes import layout, permissions
from drivers.scaling import Placement, Scale
from tests import a_cluster
from tests.a_cluster import kubectl
from tests.proxy import Proxy


def of(namespace: str, kind: str, name: str) -> dict:
    return json.loads(kubectl("-n", namespace, "get", kind, name, "-o", "json"))


def test_what_runs_is_an_ordinary_user_without_a_way_out(kubernetes_bench):
    handle = kubernetes_bench.running()
    namespace = kubernetes_bench.driver.namespace
    (pod,) = json.loads(
        kubectl("-n", namespace, "get", "pods", "-l", f"{layout.WORKLOAD}={handle.name}", "-o", "json")
    )["items"]
    spec, container = pod["spec"], pod["spec"]["containers"][0]
    assert spec["automountServiceAccountToken"] is False and "token" not in json.dumps(spec["volumes"])
    assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] == 65532
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "privileged": False,
        "readOnlyRootFilesystem": True,
    }
    assert "@sha256:" in container["image"]
    assert "env" not in container  # variables are in a Secret
    policy = of(namespace, "networkpolicy", handle.name)["spec"]
    assert policy["ingress"] == [{"ports": [{"port": 5001, "protocol": "TCP"}]}]
    assert "169.254.0.0/16" in json.dumps(policy["egress"])
    labels = json.loads(kubectl("get", "namespace", namespace, "-o", "json"))["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_requests_and_limits_and_places_reach_the_pod(kubernetes_bench):
    placement = Placement(
        {"kubernetes.io/hostname": "node1"},
        ({"key": "dedicated", "operator": "Exists"},),
        {"example.org/team": "vision"},
    )
    handle = kubernetes_bench.running(
        cpu=0.1, cpu_limit=0.75, memory_bytes=128 * MB, memory_limit_bytes=256 * MB, placement=placement
    )
    template = of(kubernetes_bench.driver.namespace, "deployment", handle.name)["spec"]["template"]
    resources = template["spec"]["containers"][0]["resources"]
    assert resources["requests"] == {"cpu": "100m", "memory": str(128 * MB)}
    assert resources["limits"] == {"cpu": "750m", "memory": str(256 * MB)}
    assert template["spec"]["nodeSelector"] == {"kubernetes.io/hostname": "node1"}
    assert template["spec"]["tolerations"] == [{"key": "dedicated", "operator": "Exists"}]
    assert template["metadata"]["annotations"]["example.org/team"] == "vision"


def test_a_variable_that_is_left_out_is_gone(kubernetes_bench):
    workload = kubernetes_bench.workload(variables={"GREETING": "hello"})
    handle = kubernetes_bench.driver.apply(workload)
    kubernetes_bench.driver.apply(replace(workload, variables={}))
    assert "GREETING" not in of(kubernetes_bench.driver.namespace, "secret", handle.name)["data"]


def test_nothing_is_left_of_a_deleted_workload(kubernetes_bench):
    handle = kubernetes_bench.driver.apply(kubernetes_bench.workload(scale=Scale(1, 2)))
    assert left(kubernetes_bench, handle) == {
        "deployment.apps", "horizontalpodautoscaler.autoscaling", "networkpolicy.networking.k8s.io", "pod",
        "poddisruptionbudget.policy", "replicaset.apps", "secret", "service", "serviceaccount",
    }  # fmt: skip
    kubernetes_bench.driver.delete(handle, grace_s=1)
    eventually(lambda: not left(kubernetes_bench, handle), 40, lambda: left(kubernetes_bench, handle))


def left(bench, handle) -> set[str]:
    kinds = "deployment,replicaset,pod,service,secret,serviceaccount,networkpolicy,hpa,pdb,endpoints"
    found = kubectl("-n", bench.driver.namespace, "get", kinds, "-l", f"{layout.WORKLOAD}={handle.name}", "-o", "name")
    return {line.partition("/")[0] for line in found.split()} - {"endpoints"}


def test_a_workload_is_scaled_by_hand_and_by_load_and_stays_so(kubernetes_bench):
    workload = kubernetes_bench.workload(cpu=0.1)
    handle = kubernetes_bench.driver.apply(workload)
    kubernetes_bench.wait_ready(handle)
    kubernetes_bench.driver.scale(handle, Scale(2))
    two = eventually(lambda: seen_with(kubernetes_bench, handle, ready=2), 30)
    assert (two.wanted, two.scale, len(two.replicas)) == (2, Scale(2), 2)
    kubernetes_bench.driver.scale(handle, Scale(1, 3, 60))
    scaler = of(kubernetes_bench.driver.namespace, "hpa", handle.name)["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (1, 3)
    # Applied once more, as a worker that was lost would: what runs is not scaled down meanwhile.
    kubernetes_bench.driver.apply(replace(workload, scale=Scale(1, 3, 60)))
    assert of(kubernetes_bench.driver.namespace, "deployment", handle.name)["spec"]["replicas"] == 2
    kubernetes_bench.driver.scale(handle, Scale(1))
    eventually(lambda: seen_with(kubernetes_bench, handle, ready=1), 30)
    assert kubectl("-n", kubernetes_bench.driver.namespace, "get", "hpa", "-o", "name") == ""


def seen_with(bench, handle, *, ready: int):
    observed = bench.driver.observe(handle)
    return observed if observed.ready_replicas == ready == observed.wanted else None


@pytest.mark.parametrize("kind", ["Deployment", "Service", "Secret", "ServiceAccount", "PodDisruptionBudget"])
def test_an_object_of_somebody_else_is_never_overwritten(kubernetes_bench, own_namespace, kind):
    workload = kubernetes_bench.workload()
    metadata = {"name": workload.name, "labels": {"app": "theirs"}}
    selector = {"matchLabels": {"app": "theirs"}}
    specs = {
        "Deployment": {
            "selector": selector,
            "replicas": 0,
            "template": {
                "metadata": {"labels": {"app": "theirs"}},
                "spec": {"containers": [{"name": "a", "image": "localhost/pause:1"}]},
            },
        },
        "Service": {"ports": [{"port": 80}]},
        "PodDisruptionBudget": {"minAvailable": 1, "selector": selector},
    }
    theirs = {"apiVersion": layout.api_version(kind), "kind": kind, "metadata": metadata}
    if kind in specs:
        theirs["spec"] = specs[kind]
    kubectl("-n", own_namespace.namespace, "apply", "-f", "-", given=json.dumps(theirs))
    before = of(own_namespace.namespace, kind, workload.name)
    with pytest.raises(NameTaken, match=f"has a {kind} named {workload.name} that is not this studio's"):
        own_namespace.apply(workload)
    own_namespace.delete(Handle("kubernetes", workload.name), grace_s=0)
    after = of(own_namespace.namespace, kind, workload.name)
    assert (before["metadata"]["uid"], before.get("spec")) == (after["metadata"]["uid"], after.get("spec"))
    assert own_namespace.list(workload.owner) == []


def test_it_survives_an_api_server_that_goes_away(kubernetes_bench, own_namespace, tmp_path):
    """Through a line that can be cut: other tests use the same cluster."""
    straight = a_cluster.connection()
    host, port = straight.server.removeprefix("https://").split(":")
    with Proxy(int(port), to_host=host) as line:
        far = kubernetes_target(
            own_namespace.namespace, tmp_path, replace(straight, server=f"https://127.0.0.1:{line.port}")
        )
        heard = []
        far.watch(kubernetes_bench.owner, heard.append)
        handle = far.apply(kubernetes_bench.workload())
        eventually(lambda: far.observe(handle).ready, 30)
        line.break_off()
        with pytest.raises(TargetUnavailable, match="does not answer"):
            eventually(lambda: far.observe(handle) and None, 10)
        with pytest.raises(TargetUnavailable):
            far.check()
        kubectl("-n", own_namespace.namespace, "delete", "deployment", handle.name)
        heard.clear()
        line.mend()
        eventually(lambda: seen_as_or_none(far, handle, Phase.GONE), 20)
        assert handle.name in heard  # and nobody had to ask
        assert far.check().cpu
        far.delete(handle, grace_s=0)
        far.close()


def seen_as_or_none(driver, handle, phase):
    try:
        return seen_as(driver, handle, phase)
    except TargetUnavailable:
        return None


def test_a_namespace_that_somebody_deleted_is_made_again(kubernetes_bench, own_namespace):
    workload = kubernetes_bench.workload()
    handle = own_namespace.apply(workload)
    eventually(lambda: own_namespace.observe(handle).ready, 30)
    kubectl("delete", "namespace", own_namespace.namespace, "--wait=false")
    eventually(lambda: own_namespace.observe(handle).phase is Phase.GONE, 60)
    own_namespace.apply(workload)  # waits until the old one is gone for good
    eventually(lambda: own_namespace.observe(handle).ready, 60)


def test_a_change_loses_no_request(kubernetes_bench):
    """Rolled out under one name: the old replica answers until the new one is ready, and drains."""
    workload = kubernetes_bench.workload(ECHO, scale=Scale(2), cpu=0.2, drain_s=5)
    handle = kubernetes_bench.driver.apply(workload)
    eventually(lambda: seen_with(kubernetes_bench, handle, ready=2), 30)
    changed = replace(workload, variables={"GREETING": "changed"})
    kubernetes_bench.driver.apply(changed)
    greetings, until = [], time.monotonic() + 60
    while greetings[-40:] != ["changed"] * 40:
        assert time.monotonic() < until, greetings[-5:]
        greetings.append(json.loads(kubernetes_bench.score(handle))["greeting"])
    assert None in greetings


@pytest.mark.parametrize("way", ["pods", "proxy", "nodeport"])
def test_every_way_reaches_the_replicas(kubernetes_bench, own_namespace, way, tmp_path):
    driver = kubernetes_target(own_namespace.namespace, tmp_path, way=way)
    handle = driver.apply(kubernetes_bench.workload())
    reach = driver.reach(kubernetes_bench.owner)
    eventually(lambda: driver.observe(handle).ready, 30)
    (endpoint,) = eventually(lambda: reach.of(handle.name), 5)
    assert ask(endpoint, "/ready") == 200
    assert driver.direct(handle) == (None if way == "proxy" else f"http://{endpoint.authority}")
    driver.delete(handle, grace_s=0)
    eventually(lambda: not reach.of(handle.name), 10)
    reach.stop()
    driver.close()


def ask(endpoint, path: str) -> int:
    """As a gateway does."""
    if endpoint.tls:
        connection = http.client.HTTPSConnection(endpoint.host, endpoint.port, context=endpoint.tls, timeout=30)
    else:
        connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=30)
    lines = [line.split(": ", 1) for line in endpoint.headers.decode().split("\r\n") if line]
    connection.request("GET", endpoint.prefix.decode() + path, headers=dict(lines))
    return connection.getresponse().status


def test_an_image_is_pushed_once(kubernetes_bench):
    said: list[str] = []
    package = kubernetes_bench.driver.build_package(
        package_spec(f"{ECHO}\n# {time.time()}\n"),
        kubernetes_bench.environment(),
        lambda _stream, text: said.append(text),
    )
    first = kubernetes_bench.driver.deliver(package, lambda _stream, text: said.append(text))
    again = kubernetes_bench.driver.deliver(package, lambda _stream, text: said.append(text))
    assert first.location == again.location and first.location.startswith(f"{a_cluster.REGISTRY}/slipway-package:")
    assert any(line.startswith("Pushed ") for line in said)
    assert said[-1] == f"The registry {a_cluster.REGISTRY} has the image already"
    kubernetes_bench.driver.remove_package(first.location)


def test_the_permissions_shown_are_those_that_are_asked_for(kubernetes_bench):
    documents = list(yaml.safe_load_all(permissions.as_yaml("somewhere")))
    assert [each["kind"] for each in documents] == [
        "Namespace", "ServiceAccount", "Secret", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding",
    ]  # fmt: skip
    granted = sum(len(rule["verbs"]) for each in documents for rule in each.get("rules", []))
    assert granted == sum(len(rule.verbs) for rule in permissions.RULES)
    report = kubernetes_bench.driver.test()
    assert report.works and report.missing == () and report.room.nodes == 1
