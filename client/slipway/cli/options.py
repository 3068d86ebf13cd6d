"""Options as Azure's command line had them, and clear words where the studio cannot follow."""

import math
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

WORKSPACE_ONLY = "a studio's workspace is found by its name alone (--workspace-name)"
AZURE_COMMON = {
    "--resource-group -g": WORKSPACE_ONLY,
    "--subscription-id": WORKSPACE_ONLY,
    "--path": "the studio is found by --config or SLIPWAY_CONFIG, not by a project folder",
    "--debug": "",
    "--verbose": "",
    "--only-show-errors": "",
}


class Option(click.Option):
    """Takes two-letter options with one dash too (`-ic`): Azure's documentation printed them so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.documented = list(self.opts)
        self.opts = self.opts + [name[1:] for name in self.opts if re.fullmatch("--[a-z]{2}", name)]

    @contextmanager
    def _as_documented(self) -> Iterator[None]:
        accepted, self.opts = self.opts, self.documented
        try:
            yield
        finally:
            self.opts = accepted

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        with self._as_documented():
            return super().get_help_record(ctx)

    def get_error_hint(self, ctx: click.Context | None) -> str:
        with self._as_documented():
            return super().get_error_hint(ctx)


class Unsupported(Option):
    """An option of Azure's that means nothing here yet: hidden, and refused with a reason."""

    def __init__(self, names: str, why: str = "") -> None:
        super().__init__(
            [*names.split(), _parameter(names)],
            hidden=True,
            expose_value=False,
            is_eager=True,
            is_flag=False,
            flag_value="",
            multiple=True,
            callback=self.refuse,
        )
        self.why = why

    def refuse(self, ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> None:
        if value:
            shown = " or ".join(self.documented)
            raise click.UsageError(
                f"{shown} is an option of Azure's command line that is not supported here"
                + (f": {self.why}." if self.why else "."),
                ctx,
            )


class Command(click.Command):
    """A command that also knows which of Azure's options it has to refuse."""

    def __init__(self, *args: Any, unsupported: Iterable[str] | Mapping[str, str] = (), **kwargs: Any) -> None:
        """`unsupported` may say why, option by option."""
        super().__init__(*args, **kwargs)
        reasons = unsupported if isinstance(unsupported, Mapping) else dict.fromkeys(unsupported, "")
        taken = {name for param in self.params for name in param.opts}
        for names, why in {**AZURE_COMMON, **reasons}.items():
            free = [name for name in names.split() if name not in taken]
            if free:
                self.params.append(Unsupported(" ".join(free), why))


class Group(click.Group):
    """Subcommands of Azure's that do not exist here are told apart from spelling mistakes."""

    command_class = Command

    def __init__(self, *args: Any, azure_only: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.azure_only = frozenset(azure_only)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] in self.azure_only:
            raise click.UsageError(
                f"`{ctx.command_path} {args[0]}` is a command of Azure's that is not supported here.", ctx
            )
        return super().resolve_command(ctx, args)


class Pair(click.ParamType):
    """`key=value`, as a tuple."""

    name = "KEY=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        key, equals, rest = value.partition("=")
        if not equals or not key or key != key.strip() or rest != rest.lstrip() or re.search(r":\s", key):
            self.fail(f"{value!r} is not key=value: write {_as_pair(value)}", param, ctx)
        return key, rest


class Metric(Pair):
    """`key=number`, as a tuple."""

    name = "KEY=NUMBER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        key, text = super().convert(value, param, ctx)
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.fail(f"{text!r} is not a finite number: write it like {shlex.quote(f'{key}=0.93')}", param, ctx)
        return key, number


class Filter(click.ParamType):
    """`key` or `key=value`, as text."""

    name = "KEY[=VALUE]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if "=" in value or re.search(r":(\s|$)", value):
            return "=".join(Pair().convert(value, param, ctx))
        return value


def option(*names: str, **kwargs: Any) -> Callable[[Any], Any]:
    return click.option(*names, cls=Option, **kwargs)


class Finite(click.FloatRange):
    """A range of numbers; `nan`, which no comparison refuses, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


ABOVE_0 = Finite(min=0, min_open=True)


def sized(purpose: str) -> Callable[[Any], Any]:
    """`--cpu-cores`, `--memory-gb` and `--gpu-cores` of a model: a need `purpose`."""
    options = [
        option("--cpu-cores", "--cc", "cpu", type=ABOVE_0, metavar="CORES", help=f"CPU cores {purpose}."),
        option("--memory-gb", "--gb", "memory_gb", type=ABOVE_0, metavar="GB", help=f"Memory {purpose}."),
        option("--gpu-cores", "--gc", "gpu", type=click.IntRange(min=0), metavar="N", help=f"GPUs {purpose}."),
    ]

    def decorate(command: Any) -> Any:
        for each in reversed(options):
            command = each(command)
        return command

    return decorate


def _as_pair(value: str) -> str:
    """What was probably meant: `area: mnist`, `area:mnist` and `area = mnist` are all `area=mnist`."""
    key, separator, rest = re.match(r"([^:=]*)([:=]?)(.*)", value, re.DOTALL).groups()
    if not separator or not key.strip() or not rest.strip():
        return "KEY=VALUE, such as area=mnist"
    return shlex.quote(f"{key.strip()}={rest.strip()}")


def _parameter(names: str) -> str:
    return "azure_" + re.sub(r"\W+", "_", names).strip("_")
