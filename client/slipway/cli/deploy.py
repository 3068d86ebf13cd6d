"""`slipway model deploy`."""

from pathlib import Path
from typing import Any

import click

from slipway import shapes
from slipway.cli.cluster_options import PLACES as CLUSTER_PLACES
from slipway.cli.cluster_options import cluster_options
from slipway.cli.context import current, shared_options
from slipway.cli.options import ABOVE_0, Command, Pair, option
from slipway.cli.workload_options import FILE, chosen_target, what_to_run, workload_options

RESOURCES = "containerResourceRequirements"
# Option -> its place in the deployment configuration.
PLACES = {
    "cpu": (RESOURCES, "cpu"),
    "cpu_limit": (RESOURCES, "cpuLimit"),
    "memory_gb": (RESOURCES, "memoryInGB"),
    "memory_gb_limit": (RESOURCES, "memoryInGBLimit"),
    "auth_enabled": ("authEnabled",),
    "primary_key": ("keys", "primaryKey"),
    "secondary_key": ("keys", "secondaryKey"),
    "max_concurrent": ("maxConcurrentRequestsPerContainer",),
    "max_queue_wait_ms": ("maxQueueWaitMs",),
    "scoring_timeout_ms": ("scoringTimeoutMs",),
    "convert_to_onnx": ("convertToOnnx",),
    **CLUSTER_PLACES,
}
UNSUPPORTED = (
    "--environment-name -e",
    "--environment-version --ev",
    "--environment-directory --ed",
    "--property",
    "--runtime --rt",
    "--extra-docker-file-steps --ds",
    "--base-image-registry --ir",
    "--enable-gpu --eg",
    "--cuda-version --cv",
    "--location --lo",
    "--port --po",
    "--dns-name-label --dn",
    "--vnet-name",
    "--subnet-name",
    "--token-auth-enabled",
    "--ssl-enabled --se",
    "--ssl-cert-pem-file --sp",
    "--ssl-key-pem-file --sk",
    "--ssl-cname --sc",
    "--enable-app-insights --ai",
    "--collect-model-data --md",
    "--version-name --vn",
    "--traffic-percentile --tp",
    "--vault-base-url",
    "--key-name",
    "--key-version",
)


@click.command(cls=Command, unsupported=UNSUPPORTED)
@option("--name", "-n", required=True, help="The service's name.")
@workload_options
@option(
    "--deploy-config-file",
    "--dc",
    "deploy_file",
    type=FILE,
    metavar="FILE",
    help="Sizes, keys and limits; each of the following overrides one of its values.",
)
@option(
    "--profile-input",
    "--pi",
    "measured",
    type=FILE,
    metavar="FILE",
    help="CPU and memory as `slipway model profile -t` wrote them. They go before the deployment configuration's; "
    "--cpu-cores and --memory-gb go before both.",
)
@option("--cpu-cores", "--cc", "cpu", type=ABOVE_0, metavar="CORES", help="CPU cores.")
@option(
    "--cpu-cores-limit",
    "--ccl",
    "cpu_limit",
    type=ABOVE_0,
    metavar="CORES",
    help="The most CPU cores it may use; --cpu-cores when left out.",
)
@option("--memory-gb", "--gb", type=ABOVE_0, metavar="GB", help="Memory.")
@option(
    "--memory-gb-limit",
    "--gbl",
    type=ABOVE_0,
    metavar="GB",
    help="The most memory it may use; --memory-gb when left out.",
)
@option("--auth-enabled", "--ae", type=bool, metavar="true|false", help="Whether callers need a key.")
@option("--primary-key", "--kp", metavar="KEY", help="A key of your own; one is made when left out.")
@option("--secondary-key", "--ks", metavar="KEY", help="A key of your own; one is made when left out.")
@option(
    "--replica-max-concurrent-requests",
    "--rm",
    "max_concurrent",
    type=click.IntRange(min=1),
    metavar="N",
    help="Requests at the same time.",
)
@option(
    "--max-request-wait-time",
    "--mr",
    "max_queue_wait_ms",
    type=click.IntRange(min=1),
    metavar="MS",
    help="How long a request may wait for its turn.",
)
@option("--scoring-timeout-ms", "--tm", type=click.IntRange(min=1), metavar="MS", help="How long an answer may take.")
@option(
    "--convert-to-onnx",
    is_flag=True,
    default=None,
    help="Serve scikit-learn, XGBoost and LightGBM as an ONNX graph where that says the same, and sooner.",
)
@cluster_options
@option("--description", default="", help="What the service is for.")
@option("--tag", "tags", type=Pair(), multiple=True, help="May be repeated.")
@option("--overwrite", is_flag=True, help="Update the service if there is one of this name.")
@option("--no-wait", is_flag=True, help="Return when the studio has accepted the deployment.")
@shared_options
def deploy(name: str, no_wait: bool, **asked: Any) -> None:
    """Deploy model versions as a service, and show the log until it is live."""
    from slipway import services
    from slipway.cli.live import wait_for

    api = current().api
    deployment = services.deploy(api, name=name, **_request(api, **asked))
    if not no_wait:
        wait_for(api, deployment)
    current().show(shapes.service(services.service(api, name), api.workspace))


def _request(
    api: Any,
    *,
    models: tuple[str, ...],
    metadata: tuple[Path, ...],
    kind: str | None,
    target: str | None,
    inference_file: Path | None,
    deploy_file: Path | None,
    measured: Path | None,
    tags: tuple[tuple[str, str], ...],
    description: str,
    overwrite: bool,
    **values: Any,
) -> dict[str, Any]:
    """The options as arguments of `services.deploy`; files are read, nothing is sent yet."""
    from slipway import resources
    from slipway.cli import result_file

    sizes = {(RESOURCES, key): value for key, value in result_file.read_sizes(measured).items()} if measured else {}
    sizes |= {PLACES[key]: value for key, value in values.items() if key in PLACES and value is not None}
    flags = {key: value for key, value in values.items() if key not in PLACES}
    named, inferring = what_to_run(models, metadata, inference_file, **flags)
    if not named and inferring.config is None:
        raise click.UsageError("Name the model to deploy: -m NAME:VERSION or -m NAME@ALIAS.")
    deployment_config = resources.prepare(deploy_file, sizes)
    return {
        "models": named,
        "target": chosen_target(api, target, kind),
        "inference": inferring,
        "tags": dict(tags),
        "deployment_config": deployment_config,
        "description": description,
        "overwrite": overwrite,
    }
