"""What to run and where: options that deploying and profiling have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slipway.cli.options import option

if TYPE_CHECKING:
    from slipway.inference import Inference

FILE = click.Path(path_type=Path)
_OPTIONS = [
    option("--model", "-m", "models", multiple=True, metavar="ID", help="NAME:VERSION or NAME@ALIAS; may be repeated."),
    option(
        "--model-metadata-file",
        "-f",
        "metadata",
        multiple=True,
        type=FILE,
        metavar="FILE",
        help="Written by `slipway model register -t`. May be repeated.",
    ),
    option("--compute-type", "--cp", "kind", metavar="TYPE", help="process, docker or kubernetes."),
    option("--compute-target", "--ct", "target", metavar="NAME", help="One of `slipway computetarget list`, by name."),
    option(
        "--inference-config-file",
        "--ic",
        "inference_file",
        type=FILE,
        metavar="FILE",
        help="Entry script, source directory, environment. Not needed for frameworks the studio knows.",
    ),
    option("--entry-script", "--es", "entryScript", metavar="PATH", help="Overrides the file's entryScript."),
    option(
        "--source-directory", "--sd", "sourceDirectory", metavar="PATH", help="Overrides the file's sourceDirectory."
    ),
    option("--conda-file", "--cf", "condaFile", metavar="PATH", help="Overrides the file's condaFile."),
    option("--base-image", "--bi", "baseImage", metavar="IMAGE", help="Overrides the file's baseImage."),
]


def workload_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for each in reversed(_OPTIONS):
        command = each(command)
    return command


def what_to_run(
    models: tuple[str, ...], metadata: tuple[Path, ...], inference_file: Path | None, **flags: str | None
) -> tuple[list[str], "Inference"]:
    """The models named, and the inference configuration with the files it names; nothing is sent yet."""
    from slipway import inference
    from slipway.cli.metadata_file import read_model_id

    return [*models, *map(read_model_id, metadata)], inference.prepare(inference_file, **flags)


def chosen_target(api: Any, target: str | None, kind: str | None) -> str | None:
    """The target asked for by name or type; None when the studio is to choose."""
    from slipway import targets

    chosen = targets.chosen(api, name=target, kind=kind)
    return chosen["name"] if chosen else None
