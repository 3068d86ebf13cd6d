"""`slipway model deploy`."""

from pathlib import Path
from typing import Any

import click

from slipway import shapes
from slipway.cli.context import current, shared_options
from slipway.cli.options import Command, Pair, option

FILE = click.Path(path_type=Path)
UNSUPPORTED = (
    "--environment-name -e", "--environment-version --ev", "--environment-directory --ed", "--property",
    "--runtime --rt", "--extra-docker-file-steps --ds", "--base-image --bi", "--base-image-registry --ir",
    "--enable-gpu --eg", "--cuda-version --cv", "--location --lo", "--namespace", "--port --po",
    "--dns-name-label --dn", "--vnet-name", "--subnet-name", "--cpu-cores-limit --ccl",
    "--memory-gb-limit --gbl", "--gpu-cores --gc", "--profile-input --pi", "--num-replicas --nr",
    "--autoscale-enabled --as", "--autoscale-min-replicas --mi", "--autoscale-max-replicas --ma",
    "--autoscale-refresh-seconds --ar", "--autoscale-target-utilization --at",
    "--replica-max-concurrent-requests --rm", "--max-request-wait-time --mr", "--scoring-timeout-ms --tm",
    "--period-seconds --ps", "--initial-delay-seconds --id", "--timeout-seconds --ts",
    "--success-threshold --st", "--failure-threshold --ft", "--auth-enabled --ae", "--token-auth-enabled",
    "--primary-key --kp", "--secondary-key --ks", "--ssl-enabled --se", "--ssl-cert-pem-file --sp",
    "--ssl-key-pem-file --sk", "--ssl-cname --sc", "--enable-app-insights --ai", "--collect-model-data --md",
    "--version-name --vn", "--traffic-percentile --tp", "--vault-base-url", "--key-name", "--key-version")


@click.command(cls=Command, unsupported=UNSUPPORTED)
@option("--name", "-n", required=True, help="The service's name.")
@option("--model", "-m", "models", multiple=True, metavar="NAME:VERSION", help="May be repeated.")
@option("--model-metadata-file", "-f", "metadata", multiple=True, type=FILE, metavar="FILE",
        help="Written by `slipway model register -t`. May be repeated.")
@option("--compute-type", "--cp", "kind", metavar="TYPE", help="process or docker.")
@option("--compute-target", "--ct", "target", metavar="NAME",
        help="One of `slipway computetarget list`, by name.")
@option("--inference-config-file", "--ic", "inference_file", type=FILE, metavar="FILE",
        help="Entry script, source directory, environment. Not needed for frameworks the studio knows.")
@option("--entry-script", "--es", metavar="PATH", help="Overrides the file's entryScript.")
@option("--source-directory", "--sd", metavar="PATH", help="Overrides the file's sourceDirectory.")
@option("--conda-file", "--cf", metavar="PATH", help="Overrides the file's condaFile.")
@option("--deploy-config-file", "--dc", "deploy_file", type=FILE, metavar="FILE",
        help="Compute type and sizes.")
@option("--cpu-cores", "--cc", "cpu", type=click.FloatRange(min=0, min_open=True), metavar="CORES",
        help="CPU cores for the service. Overrides the file's value.")
@option("--memory-gb", "--gb", "memory_gb", type=click.FloatRange(min=0, min_open=True), metavar="GB",
        help="Memory for the service. Overrides the file's value.")
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


def _request(api: Any, *, models: tuple[str, ...], metadata: tuple[Path, ...], kind: str | None,
             target: str | None, inference_file: Path | None, entry_script: str | None,
             source_directory: str | None, conda_file: str | None, deploy_file: Path | None,
             cpu: float | None, memory_gb: float | None, tags: tuple[tuple[str, str], ...],
             **rest: Any) -> dict[str, Any]:
    """The options as arguments of `services.deploy`; files are read, nothing is sent yet."""
    from slipway import inference, resources, targets
    from slipway.cli.metadata_file import read_model_id

    named = [*models, *map(read_model_id, metadata)]
    inferring = inference.prepare(inference_file, entry_script=entry_script,
                                  source_directory=source_directory, conda_file=conda_file)
    if not named and inferring.config is None:
        raise click.UsageError("Name the model to deploy: -m NAME:VERSION.")
    chosen = targets.chosen(api, name=target, kind=kind) or {}
    config = resources.prepare(deploy_file, compute_type=chosen.get("kind"), cpu=cpu, memory_gb=memory_gb)
    return {"models": named, "target": chosen.get("name"), "inference": inferring,
            "deployment_config": config, "tags": dict(tags), **rest}
