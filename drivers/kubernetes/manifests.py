"""What a workload is in a cluster: the objects, as server-side apply takes them.

Shapes are those of the Kubernetes API reference; `tests/drivers/test_manifests.py` holds them against the schemas of
the newest releases."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drivers.base import Workload
from drivers.docker import layout as image
from drivers.fingerprint import workload_digest
from drivers.kubernetes import layout
from drivers.kubernetes.cluster import Object
from drivers.kubernetes.connection import Registry
from drivers.runtime import workload_variables
from drivers.scaling import Scale

PRE_STOP_S = 5
"""A replica that is to go keeps answering this long, until everybody has heard that it goes."""
SCALE = "slipway.io/scale"
_SCRATCH = "1Gi"
_LABEL = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a target adds to every workload; `node_port`: published on every node's own address."""

    namespace: str
    registry: Registry
    node_port: bool = False


def objects(workload: Workload, where: Surroundings, replicas: int) -> Iterator[Object]:
    """In the order of `layout.KINDS`. `replicas` is what the Deployment says now, within the wanted scale."""
    yield _object("ServiceAccount", workload, where, automountServiceAccountToken=False)
    # As data: what is applied as stringData is forgotten by the server, and a variable left out would stay.
    variables = {name: _base64(value) for name, value in _variables(workload).items()}
    yield _object("Secret", workload, where, type="Opaque", data=variables)
    if where.registry.username:
        yield _pull_secret(workload, where)
    yield _object("NetworkPolicy", workload, where, spec=_network(workload))
    yield _deployment(workload, where, replicas)
    yield _object("Service", workload, where, spec=_service(workload, where))
    if workload.scale.maximum is not None:
        yield autoscaler(workload.name, where.namespace, _labels(workload), workload.scale)
    yield _object("PodDisruptionBudget", workload, where, spec={"maxUnavailable": 1, "selector": _matching(workload)})


def pull_secret_name(workload: str) -> str:
    return f"{workload}-pull"


def written_scale(scale: Scale) -> str:
    return json.dumps([scale.minimum, scale.maximum, scale.utilization])


def read_scale(text: str) -> Scale:
    minimum, maximum, utilization = json.loads(text)
    return Scale(minimum, maximum, utilization)


def within(scale: Scale, replicas: int) -> int:
    """`replicas`, moved into what `scale` allows."""
    return min(max(replicas, scale.minimum), scale.maximum or scale.minimum)


def digest_of(workload: Workload) -> str:
    """Of everything that makes pods differ."""
    return workload_digest(
        {
            "package": workload.package.location,
            "variables": dict(workload.variables),
            "resources": _resources(workload),
            "liveness": _liveness(workload),
            "placement": [
                dict(workload.placement.node_selector),
                list(workload.placement.tolerations),
                dict(workload.placement.annotations),
            ],
        }
    )


def _object(kind: str, workload: Workload, where: Surroundings, **rest: object) -> Object:
    metadata = {"name": workload.name, "namespace": where.namespace, "labels": _labels(workload)}
    return {"apiVersion": layout.api_version(kind), "kind": kind, "metadata": metadata, **rest}


def _labels(workload: Workload) -> dict[str, str]:
    theirs = {
        f"slipway.io/{name.rpartition('.')[2]}": _LABEL.sub("-", value)[:63].strip("._-")
        for name, value in workload.labels.items()
    }
    return {**theirs, **layout.MANAGED, layout.OWNER: workload.owner, layout.WORKLOAD: workload.name}


def _matching(workload: Workload) -> Object:
    return {"matchLabels": {layout.WORKLOAD: workload.name}}


def _variables(workload: Workload) -> dict[str, str]:
    return workload_variables({}, workload.variables, workload.most_cpu)


def _pull_secret(workload: Workload, where: Surroundings) -> Object:
    registry = where.registry
    known = _base64(f"{registry.username}:{registry.password}")
    auth = {"username": registry.username, "password": registry.password, "auth": known}
    made = _object("Secret", workload, where, type="kubernetes.io/dockerconfigjson")
    made["metadata"] = {**made["metadata"], "name": pull_secret_name(workload.name)}
    made["data"] = {".dockerconfigjson": _base64(json.dumps({"auths": {registry.host: auth}}))}
    return made


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _network(workload: Workload) -> Object:
    """In: to the scoring port alone. Out: anywhere but link-local addresses, where clouds keep machines' secrets."""
    return {
        "podSelector": _matching(workload),
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"ports": [{"protocol": "TCP", "port": layout.PORT}]}],
        "egress": [
            {
                "to": [
                    {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}},
                    {"ipBlock": {"cidr": "::/0", "except": ["fe80::/10", "fd00:ec2::254/128"]}},
                ]
            }
        ],
    }


def _service(workload: Workload, where: Surroundings) -> Object:
    return {
        "type": "NodePort" if where.node_port else "ClusterIP",
        "selector": {layout.WORKLOAD: workload.name},
        "ports": [{"name": "http", "protocol": "TCP", "port": layout.PORT, "targetPort": layout.PORT}],
    }


def autoscaler(name: str, namespace: str, labels: Mapping[str, str], scale: Scale) -> Object:
    return {
        "apiVersion": layout.api_version("HorizontalPodAutoscaler"),
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "spec": {
            "scaleTargetRef": {"apiVersion": layout.api_version("Deployment"), "kind": "Deployment", "name": name},
            "minReplicas": scale.minimum,
            "maxReplicas": scale.maximum,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {
                        "name": "cpu",
                        "target": {"type": "Utilization", "averageUtilization": scale.utilization},
                    },
                }
            ],
        },
    }


def _deployment(workload: Workload, where: Surroundings, replicas: int) -> Object:
    digest = digest_of(workload)
    made = _object("Deployment", workload, where)
    made["metadata"]["annotations"] = {layout.DIGEST: digest, SCALE: written_scale(workload.scale)}
    made["spec"] = {
        "replicas": replicas,
        "revisionHistoryLimit": 1,
        "selector": _matching(workload),
        # Whoever serves goes only when another one is ready to.
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"}},
        "template": {
            "metadata": {
                "labels": _labels(workload),
                "annotations": {**workload.placement.annotations, layout.DIGEST: digest},
            },
            "spec": _pod(workload, where),
        },
    }
    return made


def _pod(workload: Workload, where: Surroundings) -> Object:
    user = int(image.USER.partition(":")[0])
    pod: Object = {
        "serviceAccountName": workload.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": PRE_STOP_S + round(workload.drain_s),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": user,
            "runAsGroup": user,
            "fsGroup": user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": _matching(workload),
            }
        ],
        "containers": [_container(workload)],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": _SCRATCH}}],
    }
    if where.registry.username:
        pod["imagePullSecrets"] = [{"name": pull_secret_name(workload.name)}]
    if workload.placement.node_selector:
        pod["nodeSelector"] = dict(workload.placement.node_selector)
    if workload.placement.tolerations:
        pod["tolerations"] = [dict(each) for each in workload.placement.tolerations]
    return pod


def _container(workload: Workload) -> Object:
    return {
        "name": layout.CONTAINER,
        "image": workload.package.location,
        "imagePullPolicy": "IfNotPresent",  # by digest: what is there is what is meant
        "ports": [{"name": "http", "containerPort": layout.PORT, "protocol": "TCP"}],
        "envFrom": [{"secretRef": {"name": workload.name}}],
        "resources": _resources(workload),
        "readinessProbe": {**_get("/ready"), "periodSeconds": 1, "timeoutSeconds": 2, "failureThreshold": 3},
        "livenessProbe": _liveness(workload),
        # No shell nor `sleep` is promised in an image, but its Python is.
        "lifecycle": {
            "preStop": {"exec": {"command": [str(image.PYTHON), "-Sc", f"import time; time.sleep({PRE_STOP_S})"]}}
        },
        # Its last lines become part of the pod's status when it dies.
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }


def _resources(workload: Workload) -> dict[str, Mapping[str, str]]:
    requests = {"cpu": _millis(workload.cpu), "memory": str(workload.memory_bytes)}
    limits = {"cpu": _millis(workload.most_cpu), "memory": str(workload.most_memory_bytes)}
    if workload.gpus:
        limits["nvidia.com/gpu"] = str(workload.gpus)
    return {"requests": requests, "limits": limits}


def _millis(cpu: float) -> str:
    return f"{round(cpu * 1000)}m"


def _liveness(workload: Workload) -> Object:
    probe = workload.liveness
    return {
        **_get("/"),
        "periodSeconds": probe.period_s,
        "initialDelaySeconds": probe.initial_delay_s,
        "timeoutSeconds": probe.timeout_s,
        "failureThreshold": probe.failures,
    }


def _get(path: str) -> Object:
    return {"httpGet": {"path": path, "port": layout.PORT, "scheme": "HTTP"}}
