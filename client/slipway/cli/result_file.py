"""The small file that carries a size from `model profile -t` to `model deploy --pi`. Azure's has the same keys."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slipway import documents
from slipway.errors import LocalPathError, SlipwayError

# Key of the deployment configuration -> the keys of a profile's result that say it, best first.
_SAID_BY = {"cpu": ("cpu", "recommendedCpu"), "memoryInGB": ("memoryInGB", "recommendedMemoryInGB")}
_ADVICE = "Write it with `slipway model profile -t FILE`."


def check_writable(path: Path) -> None:
    """Asked before anything is measured, so that no result is lost for want of a place."""
    folder = path.resolve().parent
    if not folder.is_dir():
        raise LocalPathError("The folder of the file does not exist", str(folder))
    if path.is_dir() or not os.access(path if path.exists() and not path.is_file() else folder, os.W_OK):
        raise LocalPathError("The file cannot be written", str(path))


def write(path: Path, content: bytes) -> None:
    """All of it or nothing: readers never see half a file, and a failure leaves the one that was there."""
    place = path.resolve()  # a link is followed, not replaced
    part = place.with_name(f".{place.name[:150]}.{os.getpid()}.part")
    try:
        if place.exists() and not place.is_file():  # such as /dev/stdout
            place.write_bytes(content)
            return
        part.write_bytes(content)
        os.replace(part, place)
    except OSError as exc:
        raise LocalPathError("The file cannot be written", f"{path}: {exc.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def write_result(path: Path, result: Mapping[str, Any]) -> None:
    write(path, (json.dumps(result, indent=2, ensure_ascii=False) + "\n").encode())


def read_sizes(path: Path) -> dict[str, float]:
    """`cpu` in cores and `memoryInGB`, as far as the file says them; it must say one of them.

    Raises LocalPathError when it cannot be read, SlipwayError when it is no JSON, names no size or one that is none."""
    text = documents.read_text(path)
    try:
        result = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise _unusable("The profile's result is not JSON", f"{path}: {exc}") from None
    if not isinstance(result, dict):
        raise _unusable("The profile's result names no size", f"{path} holds no keys with values")
    said = {key: _first(result, names) for key, names in _SAID_BY.items()}
    sizes = {key: _size(path, *found) for key, found in said.items() if found}
    if not sizes:
        raise _unusable("The profile's result names no size", f"{path} has neither cpu nor memoryInGB")
    return sizes


def _first(result: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, Any] | None:
    return next(((name, result[name]) for name in names if result.get(name) is not None), None)


def _size(path: Path, name: str, value: Any) -> float:
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    if not usable or not math.isfinite(value) or value <= 0:
        raise _unusable("The profile's result names no usable size", f"{path}: {name} is {json.dumps(value)}")
    return value


def _unusable(title: str, detail: str) -> SlipwayError:
    return SlipwayError(title, detail, _ADVICE, code="profile-input-invalid")
