"""uv: the one installer of packages, and what its complaints mean."""

import re
from collections.abc import Sequence
from pathlib import Path

import uv

from drivers.base import Log
from drivers.children import run_logged
from drivers.disk import out_of_disk
from drivers.errors import DriverError, PackageIndexUnreachable, RequirementsUnsolvable

_FULL = re.compile(r"No space left on device|os error 28\b|Disk quota exceeded")
_UNREACHABLE = re.compile(r"dns error|tcp connect|error sending request|Request failed after|timed out", re.IGNORECASE)
_UNSOLVABLE = re.compile(
    r"No solution found|not found in the package registry|Failed to (parse|build|download)|no wheels|"
    r"Because |Distribution not found|Git operation failed",
    re.IGNORECASE,
)
_WRONG = "Correct the name or the version in the environment's requirements, then deploy again."
_ONLY_SOURCE = (
    "It is published as source only, and building it would run its code on the studio's machine. Choose a "
    "version with a wheel for this Python, or put its code in the source directory."
)
_CAUSE = re.compile(r"^\s*(error:|cause:|×|╰─▶|├─▶|│)\s*")
_FOUND = "Using "  # uv names the interpreter it runs with; not part of its explanation


def command(*arguments: str) -> list[str]:
    return [uv.find_uv_bin(), *arguments, "--color", "never", "--no-progress"]


def run(arguments: Sequence[str], *, requirements: Sequence[str], place: Path, log: Log) -> None:
    """Run uv with `requirements` on its standard input, its output going to `log` line by line.

    Raises RequirementsUnsolvable, PackageIndexUnreachable, OutOfDisk or DriverError. uv runs in `/`:
    it reads settings from the project around its working folder, and the data folder may be in one."""
    lines: list[str] = []

    def keep(line: str) -> None:
        lines.append(line)
        log("stdout", line)

    code = run_logged(command(*arguments), cwd=Path("/"), on_line=keep, stdin="\n".join(requirements))
    if code:
        raise _explain(lines, requirements, place)


def _explain(lines: Sequence[str], requirements: Sequence[str], place: Path) -> DriverError:
    text = "\n".join(lines)
    why = _first_words(lines)
    if _FULL.search(text):
        return out_of_disk(place)
    if _UNREACHABLE.search(text):
        return PackageIndexUnreachable(
            f"The package index does not answer: {why}",
            advice="Check this machine's network, proxy and index settings (UV_DEFAULT_INDEX), then retry.",
        )
    if _UNSOLVABLE.search(text):
        return RequirementsUnsolvable(
            f"{_blamed(text, requirements)} cannot be installed: {why}",
            advice=_ONLY_SOURCE if "building from source is disabled" in text else _WRONG,
        )
    return DriverError(f"uv failed: {why}", advice="The log of the build step has all that uv said.")


def _first_words(lines: Sequence[str], limit: int = 6) -> str:
    """The explanation without uv's ornaments, from its first error on."""
    start = next((at for at, line in enumerate(lines) if line.lstrip().startswith(("error:", "×"))), 0)
    words = [_CAUSE.sub("", line).strip() for line in lines[start:] if not line.startswith(_FOUND)]
    return " ".join([word for word in words if word][:limit]) or "it said nothing"


def _blamed(text: str, requirements: Sequence[str]) -> str:
    """The requirements uv names, as they were written."""
    named = [each for each in requirements if re.search(rf"(?<![\w.-]){re.escape(_name(each))}(?![\w-])", text)]
    return ", ".join(named) or "The requirements"


def _name(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9._-]+", requirement).group()
