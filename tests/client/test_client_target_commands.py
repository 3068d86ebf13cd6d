"""`slipway computetarget`: clusters attached, tested, changed and detached."""

import io

import pytest
from test_client_kubeconfig import written

REPORT = {
    "works": True,
    "version": "v1.30.2",
    "namespace": "slipway-default",
    "room": None,
    "missing": [],
    "problems": [],
}
LACKING = {
    "verb": "list",
    "resource": "nodes",
    "namespace": "",
    "why": "tell how much room the cluster has",
    "optional": True,
}


@pytest.fixture
def cluster():
    """As the studio tells it: without its secrets."""
    return {
        "name": "prod",
        "kind": "kubernetes",
        "available": True,
        "detail": "Kubernetes v1.30.2 at https://here.example:6443, namespace slipway-default",
        "cpu": 4.0,
        "memory_bytes": 8 * 2**30,
        "checked_time": "2026-11-20T10:00:00Z",
        "connection": {
            "server": "https://here.example:6443",
            "in_cluster": False,
            "namespace": "slipway-default",
            "registry": "registry.example.org/models",
            "registry_username": "me",
            "access": "auto",
        },
        "created_by": "olga",
        "created_time": "2026-11-20T10:00:00Z",
    }


@pytest.fixture
def studio(fake, cluster):
    fake.on("POST", "/targets", cluster, 201)
    fake.on("GET", "/targets/prod", cluster)
    fake.on("PATCH", "/targets/prod", cluster)
    fake.on("POST", "/targets/prod/test", REPORT)
    fake.on("DELETE", "/targets/prod", None, 204)
    return fake


@pytest.fixture
def kubeconfig(tmp_path, monkeypatch):
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return written(tmp_path / "kube")


@pytest.fixture
def attach(slipway, studio):
    def run(*arguments):
        return slipway("computetarget", "attach", "kubernetes", "-n", "prod", *arguments)

    return run


def attached(studio) -> dict:
    return studio.asked("POST", "/targets")[0].data


def changed(studio) -> dict:
    return studio.asked("PATCH", "/targets/prod")[0].data


def test_attaching_sends_one_context_and_what_was_said(attach, studio, kubeconfig):
    where = ["--namespace", "ml", "--registry", "registry.example.org/models", "--access", "proxy"]
    ran = attach("--kubeconfig", kubeconfig, *where)
    assert ran.code == 0 and "prod is attached: Kubernetes v1.30.2" in ran.err
    sent = attached(studio)
    assert "secret-of-here" in sent.pop("kubeconfig") and "there" not in str(sent)
    assert sent == {
        "name": "prod",
        "kind": "kubernetes",
        "namespace": "ml",
        "registry": "registry.example.org/models",
        "access": "proxy",
    }


def test_attaching_a_named_context_sends_nothing_of_the_others(attach, studio, kubeconfig):
    attach("--kubeconfig", kubeconfig, "--context", "there", "--registry", "r")
    sent = studio.asked("POST", "/targets")[0].body.decode()
    assert "secret-of-there" in sent and "secret-of-here" not in sent


def test_without_a_file_it_is_the_one_kubectl_would_take(attach, studio, kubeconfig, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    assert attach("--registry", "r").code == 0
    assert "secret-of-here" in attached(studio)["kubeconfig"]


def test_without_any_kubeconfig_nothing_is_sent(attach, studio, kubeconfig):
    ran = attach("--registry", "r")
    assert ran.code == 1 and ".kube/config: No such file" in ran.err
    assert studio.asked("POST", "/targets") == []


def test_the_studios_own_cluster_needs_no_kubeconfig(attach, studio, kubeconfig, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    assert attach("--in-cluster", "--registry", "r").code == 0
    assert attached(studio) == {"name": "prod", "kind": "kubernetes", "in_cluster": True, "registry": "r"}


def test_the_registrys_password_comes_from_standard_input_and_is_not_printed(attach, studio, kubeconfig, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("hush hush \n"))
    ran = attach("--kubeconfig", kubeconfig, "--registry-username", "me", "--registry-password-stdin")
    sent = attached(studio)
    assert (sent["registry_username"], sent["registry_password"]) == ("me", "hush hush ")
    assert "hush" not in ran.out + ran.err and "secret-of-here" not in ran.out + ran.err


def test_a_cluster_that_cannot_be_used_says_why(attach, studio, kubeconfig):
    said = {
        "detail": "not allowed: create deployments.apps in namespace ml",
        "advice": "Apply the YAML that grants it.",
    }
    studio.problem("POST", "/targets", 422, code="cluster-unusable", **said)
    ran = attach("--kubeconfig", kubeconfig, "--registry", "r")
    assert ran.code == 1 and said["detail"] in ran.err and f"What to do: {said['advice']}" in ran.err


def test_show_tells_how_a_cluster_is_reached(slipway, studio):
    found = slipway("computetarget", "show", "-n", "prod").json
    assert (found["computeType"], found["server"], found["access"]) == (
        "kubernetes",
        "https://here.example:6443",
        "auto",
    )
    assert (found["inCluster"], found["registryUsername"], found["createdBy"]) == (False, "me", "olga")


def test_update_sends_only_what_changes(slipway, studio, kubeconfig, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))  # is not meant when nothing of it was said
    assert slipway("computetarget", "update", "-n", "prod", "--access", "nodeport").code == 0
    assert changed(studio) == {"access": "nodeport"}


def test_update_replaces_credentials(slipway, studio, kubeconfig):
    slipway("computetarget", "update", "-n", "prod", "--kubeconfig", kubeconfig)
    assert list(changed(studio)) == ["kubeconfig"]


@pytest.mark.parametrize(
    "words", [[], ["--context", "there"], ["--access", "tunnel"]], ids=["nothing", "no kubeconfig", "no such way"]
)
def test_an_update_that_makes_no_sense_is_not_sent(slipway, studio, words):
    assert slipway("computetarget", "update", "-n", "prod", *words).code == 2
    assert studio.asked("PATCH", "/targets/prod") == []


def test_a_test_that_finds_nothing_wrong_succeeds(slipway, studio):
    ran = slipway("computetarget", "test", "-n", "prod")
    assert ran.code == 0 and ran.json["works"] and ran.err == ""


def test_what_is_missing_but_not_needed_is_told_and_is_no_failure(slipway, studio):
    studio.on("POST", "/targets/prod/test", REPORT | {"missing": [LACKING]})
    ran = slipway("computetarget", "test", "-n", "prod")
    assert ran.code == 0
    assert "may not, but need not: list nodes in the whole cluster, to tell how much room" in ran.err


def test_a_test_that_fails_tells_everything_and_exits_with_1(slipway, studio):
    lacking = LACKING | {"verb": "create", "resource": "deployments.apps", "namespace": "ml", "optional": False}
    problem = {"code": "registry-refused", "detail": "The registry wants a password.", "advice": "Give it one."}
    studio.on("POST", "/targets/prod/test", REPORT | {"works": False, "missing": [lacking], "problems": [problem]})
    ran = slipway("computetarget", "test", "-n", "prod")
    assert ran.code == 1 and ran.json["problems"][0]["code"] == "registry-refused"
    assert "The registry wants a password. Give it one." in ran.err
    assert "may not: create deployments.apps in namespace ml" in ran.err


@pytest.mark.parametrize("verb", ["detach", "delete"])
def test_detach_and_delete_are_the_same(slipway, studio, verb):
    ran = slipway("computetarget", verb, "-n", "prod")
    assert ran.code == 0 and "prod is detached." in ran.err
    assert len(studio.asked("DELETE", "/targets/prod")) == 1


def test_a_target_with_services_is_not_detached(slipway, studio):
    said = "Target 'prod' cannot be detached while services run on it: cancer."
    studio.problem("DELETE", "/targets/prod", 409, code="target-in-use", detail=said)
    ran = slipway("computetarget", "detach", "-n", "prod")
    assert ran.code == 1 and said in ran.err


def test_rbac_prints_yaml_alone(slipway, studio):
    yaml = b"apiVersion: v1\nkind: Namespace\n---\nkind: ServiceAccount\n"
    studio.on("GET", "/kubernetes/rbac.yaml", lambda request: request.bytes(yaml, kind="application/yaml"))
    assert slipway("computetarget", "rbac").out == yaml.decode()
    slipway("computetarget", "rbac", "--namespace", "ml")
    assert [each.query for each in studio.asked("GET", "/kubernetes/rbac.yaml")] == [{}, {"namespace": ["ml"]}]


def test_azures_way_of_attaching_is_refused_by_name(slipway, studio):
    ran = slipway("computetarget", "attach", "aks", "-n", "prod")
    assert ran.code == 2 and "attach aks" in ran.err
