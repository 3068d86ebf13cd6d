"""Options of `slipway model deploy` that clusters alone can follow; other targets say in the log that they do not."""

from collections.abc import Callable
from typing import Any

import click

from slipway.cli.options import option

_COUNT = click.IntRange(min=1)
# Option -> its place in the deployment configuration.
PLACES = {
    "namespace": ("namespace",),
    "gpus": ("gpuCores",),
    "replicas": ("numReplicas",),
    "autoscale": ("autoScaler", "autoscaleEnabled"),
    "min_replicas": ("autoScaler", "minReplicas"),
    "max_replicas": ("autoScaler", "maxReplicas"),
    "autoscale_refresh": ("autoScaler", "refreshPeriodInSeconds"),
    "autoscale_target": ("autoScaler", "targetUtilization"),
    "probe_period": ("livenessProbeRequirements", "periodSeconds"),
    "probe_delay": ("livenessProbeRequirements", "initialDelaySeconds"),
    "probe_timeout": ("livenessProbeRequirements", "timeoutSeconds"),
    "probe_successes": ("livenessProbeRequirements", "successThreshold"),
    "probe_failures": ("livenessProbeRequirements", "failureThreshold"),
}
_OPTIONS = [
    option("--num-replicas", "--nr", "replicas", type=_COUNT, metavar="N", help="Replicas, on a cluster."),
    option("--autoscale-enabled", "--as", "autoscale", type=bool, metavar="true|false", help="Replicas by load."),
    option("--autoscale-min-replicas", "--mi", "min_replicas", type=_COUNT, metavar="N", help="At least."),
    option("--autoscale-max-replicas", "--ma", "max_replicas", type=_COUNT, metavar="N", help="At most."),
    option("--autoscale-target-utilization", "--at", "autoscale_target", type=_COUNT, metavar="PERCENT",
           help="Of the CPU that each replica requests."),
    option("--autoscale-refresh-seconds", "--ar", "autoscale_refresh", type=_COUNT, metavar="S", hidden=True),
    option("--gpu-cores", "--gc", "gpus", type=click.IntRange(min=0), metavar="N", help="GPUs of each replica."),
    option("--period-seconds", "--ps", "probe_period", type=_COUNT, metavar="S", help="Between two liveness probes."),
    option("--initial-delay-seconds", "--id", "probe_delay", type=_COUNT, metavar="S",
           help="Before the first liveness probe."),
    option("--timeout-seconds", "--ts", "probe_timeout", type=_COUNT, metavar="S", help="Of one liveness probe."),
    option("--success-threshold", "--st", "probe_successes", type=_COUNT, metavar="N", hidden=True),
    option("--failure-threshold", "--ft", "probe_failures", type=_COUNT, metavar="N",
           help="Liveness probes that fail before a replica is started again."),
    option("--namespace", "namespace", metavar="NAMESPACE", hidden=True),
]  # fmt: skip


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for each in reversed(_OPTIONS):
        command = each(command)
    return command
