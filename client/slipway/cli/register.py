"""`slipway model register`."""

import json
from pathlib import Path
from typing import Any

import click

from slipway import shapes
from slipway.cli import report
from slipway.cli.columns import MODEL_COLUMNS
from slipway.cli.context import current, shared_options
from slipway.cli.options import Command, Metric, Pair, option, sized

FILE = click.Path(path_type=Path)
NO_RUN_FILES = "it names a file among a run's, and the studio keeps none of those; give the file with --model-path"


@click.command(cls=Command, unsupported={"--asset-path": NO_RUN_FILES})
@option("--name", "-n", required=True, help="The model's name; an existing one gets its next version.")
@option("--model-path", "-p", "path", required=True, type=FILE, metavar="PATH", help="The file or folder to upload.")
@option("--unpack", is_flag=True, help="The file is a zip or tar: register what it holds.")
@option(
    "--model-framework",
    "framework",
    help="ScikitLearn, Onnx, MLflow, XGBoost, LightGBM, TensorFlow, TfKeras, PyTorch, Multi or Custom. "
    "Guessed from the files when left out.",
)
@option("--model-framework-version", "framework_version", help="Such as 1.5.2 for scikit-learn.")
@option("--description", "-d", default="", help="What the model is for.")
@option("--tag", "tags", type=Pair(), multiple=True, help="May be repeated; can be changed later.")
@option("--property", "properties", type=Pair(), multiple=True, help="May be repeated; cannot be changed.")
@option("--metric", "metrics", type=Metric(), multiple=True, help="What was measured of it; may be repeated.")
@option("--parameter", "parameters", type=Pair(), multiple=True, help="What it was trained with; may be repeated.")
@option("--sample-input", type=FILE, metavar="FILE", help="A JSON file with a request, as people should send it.")
@option("--sample-output", type=FILE, metavar="FILE", help="A JSON file with the answer to it.")
@option("--dataset", "datasets", type=Pair(), multiple=True, help="SCENARIO=ID, such as training=iris-2026; repeated.")
@option("--sample-input-dataset-id", metavar="ID", help="The dataset with sample inputs.")
@option("--sample-output-dataset-id", metavar="ID", help="The dataset with sample outputs.")
@sized("that a deployment is offered first")
@option("--experiment-name", default="", help="The experiment it comes from.")
@option("--run-id", "-r", default="", help="The run it comes from.")
@option(
    "--run-metadata-file", "-f", "run_file", type=FILE, metavar="FILE", help="A JSON file with run_id and experiment."
)
@option("--script", default="", metavar="PATH", help="The script that trained it.")
@option("--parent", default="", metavar="ID", help="The version it was made from, NAME:VERSION or NAME@ALIAS.")
@option("--git/--no-git", default=True, help="Keep the repository, branch and commit the path is in. The default.")
@option(
    "--output-metadata-file",
    "-t",
    "metadata",
    type=FILE,
    metavar="FILE",
    help="Write the new id there, for `slipway model deploy -f`.",
)
@shared_options
def register(framework: str | None, framework_version: str | None, metadata: Path | None, **asked: Any) -> None:
    """Upload a model as a new version, with what is known of it."""
    from slipway import registry
    from slipway.cli import metadata_file

    if framework_version and not framework:
        raise click.UsageError("--model-framework-version needs --model-framework.")
    if metadata:
        metadata_file.check_writable(metadata)
    said = _said(**asked)
    api = current().api
    created = registry.register(api, framework=framework, framework_version=framework_version, **said)
    if not framework:
        _tell_framework(created)
    _tell_risk(created)
    if metadata:
        metadata_file.write(metadata, created["id"], api.workspace)
    current().show(shapes.model(created), MODEL_COLUMNS)


def _said(
    *,
    run_file: Path | None,
    git: bool,
    datasets: tuple[tuple[str, str], ...],
    sample_input: Path | None,
    sample_output: Path | None,
    sample_input_dataset_id: str | None,
    sample_output_dataset_id: str | None,
    **asked: Any,
) -> dict[str, Any]:
    """The options as the studio takes them; files are read, nothing is sent yet."""
    said = asked | {key: dict(asked[key]) for key in ("tags", "properties", "metrics", "parameters")}
    if run_file:
        run = _run(run_file)
        said |= {key: said[key] or text for key, text in run.items()}
    found: dict[str, list[str]] = {}
    samples = {"sample-input": sample_input_dataset_id, "sample-output": sample_output_dataset_id}
    for scenario, dataset in (*datasets, *((key, each) for key, each in samples.items() if each)):
        found.setdefault(scenario, []).append(dataset)
    said["datasets"] = found
    for key, file in (("sample_input", sample_input), ("sample_output", sample_output)):
        if file:
            said[key] = _json_of(file)
    if git and (source := _source(said["path"])):
        said |= source
    return said


def _run(path: Path) -> dict[str, str]:
    """A run's file: `run_id` and `experiment`, or as Azure writes it, `_experiment_name`."""
    from slipway import documents
    from slipway.errors import LocalPathError

    found = documents.parse(documents.read_text(path), path)
    if not isinstance(found.get("run_id"), str):
        raise LocalPathError("The run's metadata file names no run", f"{path} lacks run_id")
    experiment = next(filter(None, map(found.get, ("experiment", "experiment_name", "_experiment_name"))), "")
    return {"run_id": found["run_id"], "experiment_name": str(experiment)}


def _json_of(path: Path) -> Any:
    from slipway import documents
    from slipway.errors import LocalPathError

    try:
        return json.loads(documents.read_text(path), parse_constant=_no_constant)
    except (ValueError, RecursionError) as exc:
        raise LocalPathError("A sample is not JSON", f"{path}: {exc}") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _source(path: Path) -> dict[str, str]:
    from slipway import source

    found = source.of_path(path)
    if found:
        where = " at ".join(filter(None, [found.get("git_branch"), found["git_commit"][:12]]))
        report.line(f"Source: {found.get('git_repository', '')} {where} (leave it out with --no-git)")
    return found


def _tell_framework(created: dict[str, Any]) -> None:
    why = (created.get("facts") or {}).get("why", "")
    report.line(
        f"Framework: {created['framework']} {created['framework_version']}".rstrip()
        + f". {why} Register with --model-framework to say otherwise."
    )


def _tell_risk(created: dict[str, Any]) -> None:
    if created.get("risk") == "unsafe":
        reasons = " ".join(created.get("risk_reasons") or [])
        report.line(f"Warning: unsafe to load. {reasons}")
