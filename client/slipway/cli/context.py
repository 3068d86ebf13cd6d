"""What every command shares: which studio, which workspace, how to print."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slipway.cli import output
from slipway.cli.options import option

if TYPE_CHECKING:
    from slipway.http import Api


@dataclass
class Shared:
    """Filled by options, which may stand before or after the subcommand; the last one wins."""

    config: str | None = None
    workspace: str | None = None
    form: str | None = None
    query: str | None = None

    @cached_property
    def api(self) -> "Api":
        from slipway import config, http

        return http.Api(config.find(self.config), self.workspace)

    def show(self, data: Any, columns: output.Columns | None = None, *, rows: str | None = None) -> None:
        output.show(data, form=self.form, query=self.query, columns=columns, rows=rows)


def current() -> Shared:
    return click.get_current_context().find_object(Shared)


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for decorate in reversed(_OPTIONS):
        command = decorate(command)
    return command


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    shared = ctx.ensure_object(Shared)
    if value is not None:
        setattr(shared, param.name, value)


def _check_query(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        output.compiled(value)
    _keep(ctx, param, value)


_OPTIONS = [
    option(
        "--output",
        "-o",
        "form",
        type=click.Choice(output.FORMS),
        callback=_keep,
        expose_value=False,
        help="How to print: json, jsonc (in colours), table or tsv.",
    ),
    option(
        "--query",
        callback=_check_query,
        expose_value=False,
        metavar="JMESPATH",
        help="Print only this part of the result.",
    ),
    option(
        "--config",
        callback=_keep,
        expose_value=False,
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The studio's config.json. Else SLIPWAY_CONFIG, else the last studio started here.",
    ),
    option(
        "--workspace-name",
        "-w",
        "workspace",
        callback=_keep,
        expose_value=False,
        metavar="NAME",
        help="Another workspace than the configuration's.",
    ),
]
