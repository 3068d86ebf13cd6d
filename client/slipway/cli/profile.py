"""`slipway model profile`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slipway import shapes
from slipway.cli.context import current, shared_options
from slipway.cli.options import ABOVE_0, Command, Finite, option
from slipway.cli.output import columns
from slipway.cli.workload_options import FILE, chosen_target, what_to_run, workload_options

if TYPE_CHECKING:
    from slipway.http import Api

RESULT_COLUMNS = columns(
    Name="name",
    State="state",
    RecommendedCpu="recommendedCpu",
    RecommendedMemoryInGB="recommendedMemoryInGB",
    P95Ms="latencyPercentile95InMs",
    QueriesPerSecond="measuredQueriesPerSecond",
)
NO_ENVIRONMENTS = "the studio keeps no environments; name a conda file with --conda-file or a --base-image"
UNSUPPORTED = {
    "--environment-name -e": NO_ENVIRONMENTS,
    "--environment-version --ev": NO_ENVIRONMENTS,
    "--environment-directory --ed": NO_ENVIRONMENTS,
    "--base-image-registry --ir": "name the registry in --base-image",
    "--input-dataset-id --idi": "the studio keeps no datasets; give the requests to send with --input-data FILE",
}
# Other files are looked into by the studio.
FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}
# Where Azure's ranges begin; where they end is the target's to say.
CPU = MEMORY = Finite(min=0.1)


def waiting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What starting and resuming have in common."""
    options = [
        option(
            "--output-metadata-file",
            "-t",
            "result_path",
            type=FILE,
            metavar="FILE",
            help="Write the result there, for `slipway model deploy --pi`.",
        ),
        option("--no-wait", is_flag=True, help="Return when the studio has accepted it."),
    ]
    for each in reversed(options):
        command = each(command)
    return command


@click.command(cls=Command, unsupported=UNSUPPORTED)
@option("--name", "-n", help="The profile's name; made from the model's when left out.")
@workload_options
@option(
    "--input-data",
    "samples",
    type=FILE,
    metavar="FILE",
    help="Requests to send: JSON lines, or CSV with a heading. The version's sample when left out.",
)
@option(
    "--cpu-cores",
    "--cc",
    "cpu",
    type=CPU,
    multiple=True,
    metavar="CORES",
    help="A size to measure, at least 0.1 CPU cores; may be repeated.",
)
@option(
    "--memory-in-gb",
    "--memory-gb",
    "--gb",
    "memory_gb",
    type=MEMORY,
    multiple=True,
    metavar="GB",
    help="A size to measure, at least 0.1 GB of memory; may be repeated.",
)
@option(
    "--concurrency", type=click.IntRange(min=1), multiple=True, metavar="N", help="Requests at a time; may be repeated."
)
@option("--p95-ms", "goal_p95_ms", type=ABOVE_0, metavar="MS", help="Goal: 95 of 100 requests answered within this.")
@option(
    "--requests-per-second", "goal_requests_per_second", type=ABOVE_0, metavar="N", help="Goal: the load to be taken."
)
@option(
    "--share",
    type=Finite(min=0, max=1, min_open=True),
    metavar="SHARE",
    help="Which part of the target's CPU and memory may be used, 0.05 to 1; half when left out.",
)
@option(
    "--budget-minutes", type=ABOVE_0, metavar="MINUTES", help="How long measuring may take, 1 to 240; 15 when left out."
)
@option("--try-onnx/--no-onnx", "try_onnx", default=None, help="Measure the model as an ONNX graph too, where it can.")
@option("--description", default="", help="What the profile is for.")
@waiting_options
@shared_options
def profile(no_wait: bool, result_path: Path | None, **asked: Any) -> None:
    """Measure which size a model needs and what load it takes, and recommend one."""
    from slipway import profiles

    check_result_path(result_path, no_wait)
    api = current().api
    follow(api, profiles.start(api, **_request(api, **asked)), no_wait, result_path)


def check_result_path(path: Path | None, no_wait: bool) -> None:
    from slipway.cli import result_file

    if path and no_wait:
        raise click.UsageError(
            "-t needs the result: leave --no-wait out, or write it later with `slipway profile show -t`."
        )
    if path:
        result_file.check_writable(path)


def follow(api: "Api", started: Mapping[str, Any], no_wait: bool, result_path: Path | None) -> None:
    """Prints the result once there is one, or at once the profile as it is."""
    from slipway import profiles
    from slipway.cli import measuring, result_file

    if no_wait:
        current().show(shapes.profile(started))
        return
    ended = measuring.wait_for(api, started)
    result = profiles.result(api, ended["name"])
    if result_path:
        result_file.write_result(result_path, result)
    current().show(result, RESULT_COLUMNS)


def _request(
    api: "Api",
    *,
    models: tuple[str, ...],
    metadata: tuple[Path, ...],
    kind: str | None,
    target: str | None,
    inference_file: Path | None,
    samples: Path | None,
    **values: Any,
) -> dict[str, Any]:
    """The options as arguments of `profiles.start`; files are read, nothing is sent yet."""
    flags = {key: values.pop(key) for key in ("entryScript", "sourceDirectory", "condaFile", "baseImage")}
    named, inferring = what_to_run(models, metadata, inference_file, **flags)
    if not named and inferring.config is None:
        raise click.UsageError("Name the model to profile: -m NAME:VERSION or -m NAME@ALIAS.")
    return {
        "models": named,
        "inference": inferring,
        "samples": _text(samples) if samples else None,
        "samples_format": FORMATS.get(samples.suffix.lower()) if samples else None,
        "target": chosen_target(api, target, kind),
        **values,
    }


def _text(path: Path) -> str:
    from slipway.errors import LocalPathError

    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise LocalPathError("The input file is not text in UTF-8", str(path)) from None
    except OSError as exc:
        raise LocalPathError("The input file cannot be read", f"{path}: {exc.strerror}") from None
    if not text.strip():
        raise LocalPathError("The input file is empty", str(path), "Write one request's JSON on each line.")
    return text
