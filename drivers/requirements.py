"""From what people write under `pip:` to what is installed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from drivers import mlflow_requirement
from drivers.errors import RequirementsUnsolvable

# What scripts import that named azureml-defaults alone: its server's own requirements.
_BROUGHT_BY_DEFAULTS = (Requirement("flask<4"), Requirement("inference-schema<2"))
_COMMENT = re.compile(r"(^|\s)#.*$")


@dataclass(frozen=True, slots=True)
class Requirements:
    """`lines` go to uv, sorted; `notes` are lines for the deployment's log."""

    lines: tuple[str, ...]
    notes: tuple[str, ...]


def resolve(asked: Iterable[str], runtime: Path) -> Requirements:
    """`asked` without what the runtime replaces, plus the runtime's own pinned dependencies.

    Raises RequirementsUnsolvable for a line that is no PEP 508 requirement: pip's options and paths
    would let a requirement read files of the machine that installs it.
    """
    parsed = [_parse(line) for line in map(_bare, asked) if line]
    kept, notes = _without_azureml_defaults(parsed)
    kept, slimmed = mlflow_requirement.slim(kept)
    lines = {str(each) for each in kept} | set(_runtime_lines(runtime))
    return Requirements(tuple(sorted(lines, key=str.lower)), tuple(notes + slimmed))


def _bare(line: str) -> str:
    return _COMMENT.sub("", line).strip()


def _parse(line: str) -> Requirement:
    try:
        requirement = Requirement(line)
    except InvalidRequirement as exc:
        raise RequirementsUnsolvable(
            f"{line!r} is not a package requirement: {str(exc).splitlines()[0]}",
            advice="Write one package a line, such as scikit-learn==1.5.2; options and paths are not taken.",
        ) from exc
    if requirement.url and not requirement.url.startswith(("https://", "http://", "git+https://")):
        raise RequirementsUnsolvable(
            f"{line!r} points at {requirement.url!r}; only https addresses can be installed from",
            advice="Put the package on an index or an https address, or its code in the source directory.",
        )
    requirement.name = canonicalize_name(requirement.name)
    return requirement


def _without_azureml_defaults(parsed: list[Requirement]) -> tuple[list[Requirement], list[str]]:
    kept = [each for each in parsed if each.name != "azureml-defaults"]
    if len(kept) == len(parsed):
        return kept, []
    names = {each.name for each in kept}
    brought = [each for each in _BROUGHT_BY_DEFAULTS if each.name not in names]
    return kept + brought, ["Leaving out azureml-defaults: the scoring runtime takes its place"]


def _runtime_lines(runtime: Path) -> list[str]:
    """The scoring runtime's dependencies; a runtime without the file has none."""
    try:
        text = (runtime / "slipway_scoring" / "requirements.txt").read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [line for line in map(_bare, text.splitlines()) if line]
