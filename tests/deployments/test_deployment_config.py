"""Deployment configurations as people have them for ACI, AKS and local targets."""

import json

import pytest

from deployments.deployment_config import DeploymentConfig, read_deployment_config
from deployments.errors import ConfigInvalid
from drivers.scaling import Placement, Scale

ACI = """
computeType: aci
containerResourceRequirements:
  cpu: 0.5
  memoryInGB: 1.0
location: westeurope
authEnabled: true
sslEnabled: false
appInsightsEnabled: false
"""
AKS = """
{"computeType": "AKS",
 "autoScaler": {"autoscaleEnabled": true, "minReplicas": 1, "maxReplicas": 3, "refreshPeriodInSeconds": 1,
                "targetUtilization": 70},
 "dataCollection": {"storageEnabled": true},
 "authEnabled": true,
 "containerResourceRequirements": {"cpu": 0.5, "memoryInGB": 1.0, "cpuLimit": 2, "memoryInGBLimit": 4},
 "gpuCores": 1, "appInsightsEnabled": true, "scoringTimeoutMs": 5000, "maxConcurrentRequestsPerContainer": 2,
 "maxQueueWaitMs": 700, "livenessProbeRequirements": {"periodSeconds": 10}, "namespace": "prod"}
"""


def refused(source) -> ConfigInvalid:
    with pytest.raises(ConfigInvalid) as refusal:
        read_deployment_config(source)
    return refusal.value


@pytest.mark.parametrize("source", [None, "{}", {}])
def test_without_a_configuration_there_are_sensible_values(source):
    assert read_deployment_config(source) == DeploymentConfig()
    assert DeploymentConfig().auth_enabled and DeploymentConfig().memory_gb == 1


def test_azures_minimal_file_works():
    config = read_deployment_config('{"computeType": "local", "port": 6789}')
    assert config.compute_type == "local"
    assert config.notes == ["port has no effect here: the scoring URI is the gateway's."]


def test_a_typical_aci_file_works_with_notes():
    config = read_deployment_config(ACI)
    assert (config.compute_type, config.cpu, config.memory_gb) == ("aci", 0.5, 1.0)
    assert [note.split()[0] for note in config.notes] == ["location"]


def test_a_typical_aks_file_works_with_notes():
    config = read_deployment_config(AKS)
    assert (config.cpu, config.memory_gb, config.cpu_limit, config.memory_limit_gb) == (0.5, 1, 2, 4)
    assert (config.scale, config.gpus, config.namespace) == (Scale(1, 3, 70), 1, "prod")
    config.note_target(scales=False, namespace="")
    assert (config.scoring_timeout_ms, config.max_concurrent, config.max_queue_wait_ms) == (5000, 2, 700)
    assert sorted(note.split()[0] for note in config.notes) == [
        "appInsightsEnabled", "autoScaler", "autoScaler.refreshPeriodInSeconds", "dataCollection", "gpuCores",
        "livenessProbeRequirements", "namespace",
    ]  # fmt: skip


def test_on_a_cluster_only_what_it_does_not_follow_is_noted():
    config = read_deployment_config(AKS)
    config.note_target(scales=True, namespace="slipway-vision")
    assert sorted(note.split()[0] for note in config.notes) == [
        "appInsightsEnabled", "autoScaler.refreshPeriodInSeconds", "dataCollection", "namespace",
    ]  # fmt: skip
    assert "this target's services are in slipway-vision" in config.notes[-1]


def test_gpus_in_the_wrong_place_are_noted():
    config = read_deployment_config({"containerResourceRequirements": {"cpu": 1, "gpu": 1}})
    assert config.gpus == 1
    config.note_target(scales=False, namespace="")
    assert "gpu has no effect" in config.notes[0]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ({}, Scale(1)),
        ({"numReplicas": 3}, Scale(3)),
        ({"computeType": "aks"}, Scale(1, 10, 70)),
        ({"computeType": "aks", "numReplicas": 2}, Scale(2)),
        ({"autoScaler": {"autoscaleEnabled": False}, "numReplicas": 2}, Scale(2)),
        ({"autoScaler": {"autoscaleEnabled": True}}, Scale(1, 10, 70)),
        ({"autoScaler": {"minReplicas": 20}}, Scale(20, 20, 70)),
        ({"autoScaler": {"minReplicas": 2, "maxReplicas": 4, "targetUtilization": 50}}, Scale(2, 4, 50)),
    ],
)
def test_how_many_replicas(source, wanted):
    assert read_deployment_config(source).scale == wanted


@pytest.mark.parametrize(
    ("source", "key", "said"),
    [
        ({"numReplicas": 2, "autoScaler": {"autoscaleEnabled": True}}, "numReplicas", "together with autoScaler"),
        ({"numReplicas": 2, "autoScaler": {"maxReplicas": 4}}, "numReplicas", "together with autoScaler"),
        ({"autoScaler": {"autoscaleEnabled": False}}, "autoScaler.autoscaleEnabled", "numReplicas is missing"),
        (
            {"numReplicas": 2, "autoScaler": {"autoscaleEnabled": False, "maxReplicas": 4}},
            "autoScaler.maxReplicas",
            "autoscaleEnabled is false",
        ),
        ({"autoScaler": {"minReplicas": 5, "maxReplicas": 2}}, "autoScaler.minReplicas", "above maxReplicas"),
        ({"autoScaler": {"targetUtilization": 170}}, "autoScaler.targetUtilization", "above 100"),
        ({"autoScaler": {"maxReplicas": 5000}}, "autoScaler.maxReplicas", "at most 1000"),
        ({"autoScaler": {"maximum": 4}}, "autoScaler.maximum", "not a known key"),
        ({"numReplicas": 5000}, "numReplicas", "at most 1000"),
        ({"numReplicas": 1.5}, "numReplicas", "whole number"),
        ({"numReplicas": 0}, "numReplicas", "above 0"),
        ({"gpuCores": "two"}, "gpuCores", "number"),
        ({"namespace": "Not A Namespace"}, "namespace", "small letters"),
        ({"livenessProbeRequirements": {"period": 1}}, "livenessProbeRequirements.period", "not a known key"),
        ({"kubernetes": {"hostNetwork": True}}, "kubernetes.hostNetwork", "not a known key"),
        ({"kubernetes": {"nodeSelector": {"a b": "c"}}}, "kubernetes.nodeSelector.a b", "not a label"),
        ({"kubernetes": {"tolerations": {"key": "gpu"}}}, "kubernetes.tolerations", "must be a list"),
        (
            {"kubernetes": {"tolerations": [{"operator": "Near"}]}},
            "kubernetes.tolerations[0].operator",
            "Equal or Exists",
        ),
        ({"kubernetes": {"tolerations": [{"value": "x"}]}}, "kubernetes.tolerations[0].key", "is missing"),
        (
            {"kubernetes": {"tolerations": [{"key": "a", "effect": "No"}]}},
            "kubernetes.tolerations[0].effect",
            "NoSchedule",
        ),
        (
            {"kubernetes": {"tolerations": [{"operator": "Exists", "value": "x"}]}},
            "kubernetes.tolerations[0].value",
            "Equal alone",
        ),
        (
            {"kubernetes": {"annotations": {"slipway.io/owner": "me"}}},
            "kubernetes.annotations.slipway.io/owner",
            "name here",
        ),
        (
            {"containerResourceRequirements": {"cpu": 2, "cpuLimit": 1}},
            "containerResourceRequirements.cpuLimit",
            "below",
        ),
    ],
)
def test_what_contradicts_itself_or_no_cluster_would_take_is_refused(source, key, said):
    refusal = refused(source)
    assert list(refusal.extras["errors"]) == [key]
    assert said in refusal.detail


def test_where_replicas_may_go():
    tolerations = [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}]
    asked = {"nodeSelector": {"disk": "ssd"}, "tolerations": tolerations, "annotations": {"team": "vision"}}
    config = read_deployment_config({"kubernetes": asked, "livenessProbeRequirements": {"initialDelaySeconds": 5}})
    assert config.placement == Placement({"disk": "ssd"}, tuple(tolerations), {"team": "vision"})
    assert (config.liveness.initial_delay_s, config.liveness.period_s) == (5, 10)
    json.dumps(config.as_dict())  # a revision keeps it


@pytest.mark.parametrize("kind", ["local", "ACI", "Aks", "aksendpoint", "process", "docker"])
def test_the_compute_type_may_be_written_in_any_case(kind):
    assert read_deployment_config({"computeType": kind}).compute_type == kind.lower()


def test_keys_are_read_and_kept_out_of_what_is_stored_in_clear():
    config = read_deployment_config({"keys": {"primaryKey": "p" * 16, "secondaryKey": "s" * 200}})
    assert config.keys == {"Primary": "p" * 16, "Secondary": "s" * 200}
    assert "pppp" not in str(config.as_dict())


def test_variables_are_texts():
    source = "environmentVariables:\n  A: text\n  B: 7\n  C: true\n  D:\n  E: 1.5\n"
    expected = {"A": "text", "B": "7", "C": "true", "D": "", "E": "1.5"}
    assert read_deployment_config(source).variables == expected


@pytest.mark.parametrize(("source", "line", "words", "advice"), [
    ("computeType: acl\n", 1, "computeType is 'acl'", "aci"),
    ("computeType: aci\nenableAppInsights: true\n", 2, "not a known key", "Did you mean appInsightsEnabled?"),
    ("computeType: aci\nauthEnable: true\n", 2, "not a known key", "Did you mean authEnabled?"),
    ("containerResourceRequirements:\n  cpus: 1\n", 2, "containerResourceRequirements.cpus", "Did you mean cpu?"),
    ("containerResourceRequirements:\n  cpu: 0\n", 2, "a number above 0, not 0", ""),
    ("containerResourceRequirements:\n  cpu: '1'\n", 2, "a number above 0, not '1'", ""),
    ("containerResourceRequirements:\n  memoryInGB: -1\n", 2, "a number above 0", ""),
    ("containerResourceRequirements:\n  cpu: .nan\n", 2, "a number above 0", ""),
    ("containerResourceRequirements:\n  cpu: .inf\n", 2, "a number above 0", ""),
    ("containerResourceRequirements:\n  cpu: true\n", 2, "a number above 0", ""),
    ("containerResourceRequirements:\n  cpu: 2\n  cpuLimit: 1\n", 3, "below cpu", ""),
    ("containerResourceRequirements:\n  memoryInGB: 2\n  memoryInGBLimit: 1\n", 3, "below memoryInGB", ""),
    ("containerResourceRequirements: null\n", 1, "must be an object, not null", ""),
    ("scoringTimeoutMs: 1.5\n", 1, "a whole number", ""),
    ("scoringTimeoutMs: '5000'\n", 1, "a number above 0", ""),
    ("authEnabled: yes please\n", 1, "true or false", ""),
    ("authEnabled: 1\n", 1, "true or false", ""),
    ("keys:\n  primaryKey: short\n", 2, "5 characters", "16 to 200"),
    ("keys:\n  primary: aaaaaaaaaaaaaaaaaaaa\n", 2, "not a known key", "primaryKey"),
    ("environmentVariables: [A]\n", 1, "must be an object", ""),
    ("environmentVariables:\n  A B: x\n", 2, "variable's name", ""),
    ("environmentVariables:\n  A: {b: c}\n", 2, "must be a text, not an object", ""),
    ('environmentVariables:\n  A: "x\\0y"\n', 2, "no variable can hold", ""),
])  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_a_way_out(source, line, words, advice):
    refusal = refused(source)
    assert f"Deployment configuration, line {line}: " in refusal.detail and words in refusal.detail
    assert advice in refusal.advice


def test_a_file_of_the_later_command_line_is_told_apart():
    assert "v2 command line" in refused("$schema: https://x\ninstance_type: Standard\n").detail


@pytest.mark.parametrize("source", ["[", "7", "- a", "{", "a: b: c"])
def test_what_cannot_be_followed_is_refused_in_words(source):
    assert refused(source).detail.startswith("Deployment configuration")


def test_a_graph_in_the_models_place_is_a_wish_of_ones_own():
    assert read_deployment_config({"convertToOnnx": True}).convert_to_onnx
    assert not read_deployment_config(AKS).convert_to_onnx
    assert "convertToOnnx" in refused({"convertToOnnx": "perhaps"}).detail
