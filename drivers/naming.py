"""Names and paths that reach a file system or an engine, checked in one place."""

import re
from pathlib import PurePosixPath

from drivers.errors import DriverError, PythonUnavailable

# The intersection of what Docker takes as a container name and what is safe as a folder name.
_WORKLOAD_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,127}", re.IGNORECASE)
_PYTHON = re.compile(r"3\.\d{1,2}(\.\d{1,2})?")


def checked_python(version: str) -> str:
    """`version`, or PythonUnavailable: it becomes part of a command line and of an image's name."""
    if not _PYTHON.fullmatch(version):
        raise PythonUnavailable(f"{version!r} is not a Python version.", advice="Write it as 3.11 or 3.11.7.")
    return version


def checked_workload_name(name: str) -> str:
    """`name`, or DriverError: a name is used as a folder and as a container name, never as a path."""
    if not _WORKLOAD_NAME.fullmatch(name):
        raise DriverError(f"{name!r} cannot be a workload's name: letters, digits, '-', '_' and '.' only")
    return name


def checked_relative_path(path: str) -> PurePosixPath:
    """`path` below the app root, or DriverError when it is absolute or climbs out with '..'."""
    pure = PurePosixPath(path)
    unsafe = pure.is_absolute() or not pure.parts or ".." in pure.parts or "\\" in path or "\0" in path
    if unsafe:
        raise DriverError(f"{path!r} is not a path inside the package")
    return pure
