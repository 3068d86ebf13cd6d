"""Which Python of this machine an environment is made with."""

import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import uv

from drivers.errors import PythonUnavailable
from drivers.naming import checked_python

_ASK = "import platform, sys; print(platform.python_version(), sys.platform, platform.machine(), sep='\\n')"


@dataclass(frozen=True, slots=True)
class Interpreter:
    path: str
    version: str
    platform: str


def find(version: str) -> Interpreter:
    """The studio's own interpreter where it fits, else what uv finds. Raises PythonUnavailable.

    Nothing is downloaded: which Pythons may run here is for the machine's owner to say."""
    own = platform.python_version()
    checked_python(version)
    if own == version or own.startswith(f"{version}."):
        return Interpreter(sys.executable, own, f"{sys.platform}-{platform.machine()}")
    return _described(_found_by_uv(version), version)


def _found_by_uv(version: str) -> str:
    command = [uv.find_uv_bin(), "python", "find", "--no-python-downloads", "--no-project", version]
    found = subprocess.run(command, check=False, capture_output=True, text=True, cwd=Path("/"))
    if found.returncode:
        raise _unavailable(version)
    return found.stdout.strip()


def _described(path: str, version: str) -> Interpreter:
    try:
        asked = subprocess.run([path, "-I", "-c", _ASK], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as exc:
        raise _unavailable(version) from exc
    full, system, machine = asked.stdout.split()
    return Interpreter(path, full, f"{system}-{machine}")


def _unavailable(version: str) -> PythonUnavailable:
    return PythonUnavailable(
        f"Python {version} is not on this machine.",
        advice=f"Choose Python {platform.python_version()}, install Python {version} on this machine, or deploy "
        "to a docker target, which brings its own.",
    )
