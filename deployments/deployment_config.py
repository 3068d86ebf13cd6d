"""Deployment configurations: size, keys, limits (Azure ML v1 contract §2.4 to §2.6)."""

import re
from dataclasses import asdict, dataclass, field

from deployments.cluster_config import read_placement, read_probe, read_scale
from deployments.config_files import Section, read_config
from deployments.errors import ConfigInvalid
from deployments.routes import DEFAULT_MAX_CONCURRENT, DEFAULT_MAX_QUEUE_WAIT_MS, DEFAULT_SCORING_TIMEOUT_MS
from drivers.scaling import Placement, Probe, Scale

TITLE = "Deployment configuration"
DEFAULT_CPU = 1.0
DEFAULT_MEMORY_GB = 1.0
COMPUTE_TYPES = {"local", "aci", "aks", "aksendpoint", "process", "docker", "kubernetes"}
_HONOURED = {
    "computeType", "containerResourceRequirements", "authEnabled", "keys", "scoringTimeoutMs",
    "maxConcurrentRequestsPerContainer", "maxQueueWaitMs", "environmentVariables", "convertToOnnx",
    "numReplicas", "autoScaler", "gpuCores", "livenessProbeRequirements", "namespace", "computeTargetName",
    "kubernetes",
}  # fmt: skip
# Of these, what targets without replicas leave aside, and say so.
_CLUSTERS_ONLY = {
    "numReplicas": "this target runs one replica", "autoScaler": "this target runs one replica",
    "gpuCores": "this target has no GPU", "containerResourceRequirements.gpu": "this target has no GPU",
    "livenessProbeRequirements": "the studio probes readiness itself",
    "namespace": "this target has no namespaces", "kubernetes": "this target is not a cluster",
}  # fmt: skip
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
# Accepted, so that old files work unchanged, with a line in the log that says they change nothing here.
_WITHOUT_EFFECT = {
    "port": "the scoring URI is the gateway's",
    "location": "there are no regions",
    "sslEnabled": "put TLS in front of the gateway", "sslCertificate": "put TLS in front of the gateway",
    "sslKey": "put TLS in front of the gateway", "cname": "put TLS in front of the gateway",
    "dnsNameLabel": "the scoring URI is the gateway's",
    "appInsightsEnabled": "logs are on the service's page",
    "vnetName": "there are no virtual networks", "subnetName": "there are no virtual networks",
    "vaultBaseUrl": "keys are sealed by the studio", "keyName": "keys are sealed by the studio",
    "keyVersion": "keys are sealed by the studio",
    "dataCollection": "requests are not collected", "tokenAuthEnabled": "services check keys",
}  # fmt: skip
_SIZES = {"cpu", "memoryInGB", "cpuLimit", "memoryInGBLimit"}
_V2_MARKS = {"$schema", "instance_type", "endpoint_name", "request_settings", "liveness_probe", "scale_settings"}


@dataclass(slots=True)
class DeploymentConfig:
    """`cpu` in cores, `memory_gb` in GiB, of each replica, with what it may use beyond them (None: no more);
    times in milliseconds. `clusters_only` holds the keys given that other targets leave aside."""

    compute_type: str = ""
    compute_target: str = ""
    namespace: str = ""
    cpu: float = DEFAULT_CPU
    memory_gb: float = DEFAULT_MEMORY_GB
    cpu_limit: float | None = None
    memory_limit_gb: float | None = None
    gpus: int = 0
    scale: Scale = field(default_factory=Scale)
    liveness: Probe = field(default_factory=Probe)
    placement: Placement = field(default_factory=Placement)
    clusters_only: list[str] = field(default_factory=list)
    auth_enabled: bool = True
    keys: dict[str, str] = field(default_factory=dict)
    scoring_timeout_ms: int = DEFAULT_SCORING_TIMEOUT_MS
    max_concurrent: int = DEFAULT_MAX_CONCURRENT
    max_queue_wait_ms: int = DEFAULT_MAX_QUEUE_WAIT_MS
    variables: dict[str, str] = field(default_factory=dict)
    convert_to_onnx: bool = False
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """For a revision's row: without the keys, which are sealed elsewhere."""
        fields = asdict(self)
        del fields["keys"], fields["clusters_only"]
        return fields

    def note_target(self, *, scales: bool, namespace: str) -> None:
        """Say what the target will not follow; `namespace` is its own, where it has any."""
        if not scales:
            self.notes += [f"{key} has no effect here: {_CLUSTERS_ONLY[key]}." for key in self.clusters_only]
        elif self.namespace and self.namespace != namespace:
            self.notes.append(f"namespace has no effect here: this target's services are in {namespace}.")


def read_deployment_config(
    source: str | dict | None, *, cpu: float | None = None, memory_gb: float | None = None
) -> DeploymentConfig:
    """What `source` asks for, with defaults for the rest: `cpu` and `memory_gb` are what the models say they need.

    Raises ConfigInvalid with line and key."""
    top = read_config(source, title=TITLE)
    if "computeType" not in top.values and _V2_MARKS & set(top.values):
        said = f"{TITLE}: this is a file of the later, v2 command line."
        raise ConfigInvalid(said, advice="Write a v1 file, with computeType.")
    top.check_keys(_HONOURED | set(_WITHOUT_EFFECT))
    needs = {"cpu": cpu or DEFAULT_CPU, "memory_gb": memory_gb or DEFAULT_MEMORY_GB}
    config = DeploymentConfig(compute_type=_compute_type(top), **needs)
    _read_sizes(top.section("containerResourceRequirements"), config)
    _read_keys(top.section("keys"), config)
    config.auth_enabled = top.switch("authEnabled", True)
    config.scoring_timeout_ms = top.integer("scoringTimeoutMs", config.scoring_timeout_ms)
    config.max_concurrent = top.integer("maxConcurrentRequestsPerContainer", config.max_concurrent)
    config.max_queue_wait_ms = top.integer("maxQueueWaitMs", config.max_queue_wait_ms)
    config.variables = top.variables("environmentVariables")
    config.convert_to_onnx = top.switch("convertToOnnx", False)
    config.compute_target = top.text("computeTargetName") or ""
    config.namespace = _namespace(top)
    config.gpus = _whole(top, "gpuCores") or config.gpus
    config.scale = read_scale(top, config.compute_type, config.notes)
    config.liveness = read_probe(top, config.notes)
    config.placement = read_placement(top)
    config.clusters_only += [key for key in _CLUSTERS_ONLY if top.values.get(key)]
    config.notes += [f"{key} has no effect here: {why}." for key, why in _WITHOUT_EFFECT.items() if top.values.get(key)]
    return config


def _compute_type(top: Section) -> str:
    kind = (top.text("computeType") or "").lower()
    if kind and kind not in COMPUTE_TYPES:
        raise top.refuse("computeType", f"is {kind!r}", advice=f"It can be {', '.join(sorted(COMPUTE_TYPES))}.")
    return kind


def _read_sizes(sizes: Section, config: DeploymentConfig) -> None:
    sizes.check_keys(_SIZES | {"gpu"})
    cpu, memory = sizes.number("cpu"), sizes.number("memoryInGB")
    config.cpu_limit, config.memory_limit_gb = sizes.number("cpuLimit"), sizes.number("memoryInGBLimit")
    # A limit alone is also what is asked for, as in Kubernetes.
    config.cpu = cpu or config.cpu_limit or config.cpu
    config.memory_gb = memory or config.memory_limit_gb or config.memory_gb
    if config.cpu_limit and config.cpu_limit < config.cpu:
        raise sizes.refuse("cpuLimit", f"is {config.cpu_limit}, below cpu, which is {config.cpu}")
    if config.memory_limit_gb and config.memory_limit_gb < config.memory_gb:
        said = f"is {config.memory_limit_gb}, below memoryInGB, which is {config.memory_gb}"
        raise sizes.refuse("memoryInGBLimit", said)
    config.gpus = _whole(sizes, "gpu")
    if config.gpus:
        config.clusters_only.append("containerResourceRequirements.gpu")


def _whole(section: Section, key: str) -> int:
    """A number of devices: 0 is none."""
    return 0 if section.values.get(key) == 0 else section.integer(key) or 0


def _namespace(top: Section) -> str:
    namespace = top.text("namespace") or ""
    if namespace and not _NAMESPACE.match(namespace):
        raise top.refuse("namespace", f"is {namespace!r}, not small letters, digits and dashes, at most 63")
    return namespace


def _read_keys(keys: Section, config: DeploymentConfig) -> None:
    keys.check_keys({"primaryKey", "secondaryKey"})
    for name, slot in (("primaryKey", "Primary"), ("secondaryKey", "Secondary")):
        text = keys.text(name)
        if text is not None and not 16 <= len(text) <= 200:
            advice = "Use 16 to 200, or leave it out to have one made."
            raise keys.refuse(name, f"has {len(text)} characters", advice=advice)
        if text:
            config.keys[slot] = text
