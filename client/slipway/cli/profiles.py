"""`slipway profile`: the profiles there are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from slipway import shapes
from slipway.cli import report
from slipway.cli.context import current, shared_options
from slipway.cli.options import Group, option
from slipway.cli.output import Columns, columns, minute
from slipway.cli.profile import check_result_path, follow, waiting_options
from slipway.cli.workload_options import FILE

name_option = option("--name", "-n", required=True, help="The profile's name.")


def _recommended(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda row: (row.get("recommendation") or {}).get(key)


COLUMNS: Columns = (
    columns(Name="name", Status="status", Models="modelIds", ComputeName="computeName")
    | {heading: _recommended(key) for heading, key in {"Cpu": "cpu", "MemoryInGB": "memoryInGB"}.items()}
    | {"P95Ms": _recommended("p95Ms"), "RequestsPerSecond": _recommended("requestsPerSecond")}
    | {"Created": minute("createdTime")}
)


@click.group("profile", cls=Group)
@shared_options
def profiles() -> None:
    """Profiles: what models need and what load they take. `slipway model profile` makes one."""


@profiles.command("list")
@option("--model", "-m", metavar="NAME[:VERSION]", help="Only profiles of this model, or of this version.")
@shared_options
def list_(model: str | None) -> None:
    """Profiles of the workspace, newest first."""
    from slipway import names
    from slipway import profiles as verbs

    name, version = model, None
    if model and ":" in model:
        reference = names.model_reference(model)
        name, version = reference.name, reference.version
    found = verbs.profiles(current().api, model=name, version=version)
    current().show([shapes.profile(each) for each in found], COLUMNS)


@profiles.command()
@name_option
@option("--output-metadata-file", "-t", "result_path", type=FILE, metavar="FILE", help="Write the result there too.")
@shared_options
def show(name: str, result_path: Path | None) -> None:
    """One profile with all that was measured, and the size it recommends."""
    from slipway import profiles as verbs
    from slipway.cli import result_file

    check_result_path(result_path, False)
    api = current().api
    found = verbs.profile(api, name)
    if result_path:
        result_file.write_result(result_path, verbs.sized(verbs.result(api, name)))
    current().show(shapes.profile(found), COLUMNS)


@profiles.command()
@name_option
@shared_options
def log(name: str) -> None:
    """What happened while it was prepared and measured."""
    from slipway import profiles as verbs

    _tell_text(verbs.log(current().api, name))


@profiles.command()
@name_option
@shared_options
def cancel(name: str) -> None:
    """End a profile; what was measured stays, and `resume` goes on with it."""
    from slipway import profiles as verbs

    told = verbs.cancel(current().api, name)
    if not told["finished"]:
        report.line(f"The profile {name} ends after what it measures now.")
    current().show(shapes.profile(told), COLUMNS)


@profiles.command()
@name_option
@waiting_options
@shared_options
def resume(name: str, no_wait: bool, result_path: Path | None) -> None:
    """Go on with a profile that was cancelled or failed; what was measured is not measured again."""
    from slipway import profiles as verbs

    check_result_path(result_path, no_wait)
    api = current().api
    follow(api, verbs.resume(api, name), no_wait, result_path)


@profiles.command()
@name_option
@shared_options
def delete(name: str) -> None:
    """Delete a profile that is not under way."""
    from slipway import profiles as verbs

    verbs.delete(current().api, name)
    report.line(f"The profile {name} is deleted.")


@profiles.command()
@name_option
@option("--csv", "path", type=FILE, metavar="FILE", help="Write them there instead of on standard output.")
@shared_options
def points(name: str, path: Path | None) -> None:
    """Everything that was measured, as CSV; with -o or --query, as lists are printed everywhere."""
    from slipway import profiles as verbs
    from slipway.cli import result_file
    from slipway.cli.points import POINT_COLUMNS

    api, shaped = current().api, current().form or current().query
    if path and shaped:
        raise click.UsageError("--csv writes CSV; it does not go with --output or --query.")
    if shaped:
        current().show([shapes.camel(point) for point in verbs.points(verbs.profile(api, name))], POINT_COLUMNS)
    elif path:
        check_result_path(path, False)
        result_file.write(path, verbs.points_csv(api, name).encode())
    else:
        _tell_text(verbs.points_csv(api, name))


def _tell_text(text: str) -> None:
    if current().form or current().query:
        current().show(text)
    else:
        print(report.clean(text).rstrip("\n"))
