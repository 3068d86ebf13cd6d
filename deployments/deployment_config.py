"""Deployment configurations: size, keys, limits (Azure ML v1 contract §2.4 to §2.6)."""

from dataclasses import asdict, dataclass, field

from deployments.config_files import Section, read_config
from deployments.errors import ConfigInvalid
from deployments.routes import DEFAULT_MAX_CONCURRENT, DEFAULT_MAX_QUEUE_WAIT_MS, DEFAULT_SCORING_TIMEOUT_MS

TITLE = "Deployment configuration"
DEFAULT_CPU = 1.0
DEFAULT_MEMORY_GB = 1.0
COMPUTE_TYPES = {"local", "aci", "aks", "aksendpoint", "process", "docker"}
_HONOURED = {
    "computeType", "containerResourceRequirements", "authEnabled", "keys", "scoringTimeoutMs",
    "maxConcurrentRequestsPerContainer", "maxQueueWaitMs", "environmentVariables", "convertToOnnx",
}  # fmt: skip
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
    "autoScaler": "this target runs one replica", "numReplicas": "this target runs one replica",
    "dataCollection": "requests are not collected", "tokenAuthEnabled": "services check keys",
    "gpuCores": "this target has no GPU", "livenessProbeRequirements": "the studio probes readiness itself",
    "namespace": "this target has no namespaces", "computeTargetName": "the target is chosen when deploying",
}  # fmt: skip
_SIZES = {"cpu", "memoryInGB", "cpuLimit", "memoryInGBLimit"}
_V2_MARKS = {"$schema", "instance_type", "endpoint_name", "request_settings", "liveness_probe", "scale_settings"}


@dataclass(slots=True)
class DeploymentConfig:
    """`cpu` in cores, `memory_gb` in GiB, times in milliseconds."""

    compute_type: str = ""
    cpu: float = DEFAULT_CPU
    memory_gb: float = DEFAULT_MEMORY_GB
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
        del fields["keys"]
        return fields

    @property
    def memory_bytes(self) -> int:
        return int(self.memory_gb * 1024**3)


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
    config.notes += [f"{key} has no effect here: {why}." for key, why in _WITHOUT_EFFECT.items() if top.values.get(key)]
    return config


def _compute_type(top: Section) -> str:
    kind = (top.text("computeType") or "").lower()
    if kind and kind not in COMPUTE_TYPES:
        raise top.refuse("computeType", f"is {kind!r}", advice=f"It can be {', '.join(sorted(COMPUTE_TYPES))}.")
    return kind


def _read_sizes(sizes: Section, config: DeploymentConfig) -> None:
    if "gpu" in sizes.values:
        config.notes.append("containerResourceRequirements.gpu has no effect here: this target has no GPU.")
    sizes.check_keys(_SIZES | {"gpu"})
    cpu, memory = sizes.number("cpu"), sizes.number("memoryInGB")
    # Requests and limits are one here: the larger of the two is what the workload may use.
    config.cpu = sizes.number("cpuLimit") or cpu or config.cpu
    config.memory_gb = sizes.number("memoryInGBLimit") or memory or config.memory_gb
    if cpu and config.cpu < cpu:
        raise sizes.refuse("cpuLimit", f"is {config.cpu}, below cpu, which is {cpu}")
    if memory and config.memory_gb < memory:
        raise sizes.refuse("memoryInGBLimit", f"is {config.memory_gb}, below memoryInGB, which is {memory}")


def _read_keys(keys: Section, config: DeploymentConfig) -> None:
    keys.check_keys({"primaryKey", "secondaryKey"})
    for name, slot in (("primaryKey", "Primary"), ("secondaryKey", "Secondary")):
        text = keys.text(name)
        if text is not None and not 16 <= len(text) <= 200:
            advice = "Use 16 to 200, or leave it out to have one made."
            raise keys.refuse(name, f"has {len(text)} characters", advice=advice)
        if text:
            config.keys[slot] = text
