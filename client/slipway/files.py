"""Files of this machine as the studio will name them: forward slashes, folders under their own name."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from slipway.errors import LocalPathError

NOT_SOURCE = {".git", ".hg", ".svn", "__pycache__"}


@dataclass(frozen=True, slots=True)
class LocalFile:
    """`path` is the name on the studio, `source` the file here, `size` its bytes when it was found."""

    path: str
    source: Path
    size: int


def model_files(path: Path) -> list[LocalFile]:
    """A single file as `model.pkl`; a folder `mymodel/` as `mymodel/…`, every file of it."""
    if not path.exists():
        raise LocalPathError("There is no such file or folder", str(path))
    if path.is_dir():
        return folder_files(path)
    return [local_file(path, path.name)]


def folder_files(folder: Path, skip: frozenset[str] | set[str] = frozenset()) -> list[LocalFile]:
    """Every file below `folder`, under the folder's own name. Names in `skip` are left out."""
    name = folder_name(folder)
    found = [local_file(source, f"{name}/{source.relative_to(folder).as_posix()}") for source in _walk(folder, skip)]
    if not found:
        raise LocalPathError("The folder holds no files", str(folder))
    return found


def source_files(folder: Path) -> list[LocalFile]:
    """A source directory: everything but version control and bytecode (ignore files are not read)."""
    if not folder.is_dir():
        raise LocalPathError(
            "The source directory does not exist", str(folder), "sourceDirectory is relative to the folder you are in."
        )
    return [file for file in folder_files(folder, NOT_SOURCE) if not file.path.endswith((".pyc", ".pyo"))]


def folder_name(folder: Path) -> str:
    name = Path(os.path.abspath(folder)).name
    if not name:
        raise LocalPathError("The root of the file system cannot be uploaded", str(folder))
    return name


def local_file(source: Path, path: str) -> LocalFile:
    try:
        path.encode()
        found = source.stat()
    except UnicodeEncodeError:
        raise LocalPathError("A file name is not valid UTF-8", repr(path), "Rename the file.") from None
    except OSError as exc:
        raise LocalPathError("A file cannot be read", f"{source}: {exc.strerror}") from None
    if not stat.S_ISREG(found.st_mode):
        raise LocalPathError("Only files and folders can be uploaded", f"{source} is neither")
    return LocalFile(path, source, found.st_size)


def _walk(folder: Path, skip: frozenset[str] | set[str]) -> Iterator[Path]:
    """Files in a settled order. Linked folders are followed: caches of model hubs consist of links."""
    for here, folders, files in os.walk(folder, followlinks=True, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if name not in skip and not _leads_back(Path(here, name)))
        yield from (Path(here, name) for name in sorted(files) if name not in skip)


def _leads_back(folder: Path) -> bool:
    """A link to a folder it lies in would be walked for ever."""
    return folder.is_symlink() and folder.parent.resolve().is_relative_to(folder.resolve())


def _unreadable(exc: OSError) -> None:
    raise LocalPathError("A folder cannot be read", f"{exc.filename}: {exc.strerror}") from None
