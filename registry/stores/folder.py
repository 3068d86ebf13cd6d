"""Content in a folder: each file moved to its place by one rename."""

import os
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from registry.errors import BlobMissing, StoreUnavailable

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FolderStore:
    """See `Store`. What `put` takes lies on the same file system, so that a rename moves it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def check(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            writable = os.access(self._folder, os.R_OK | os.W_OK | os.X_OK)
        except OSError:
            writable = False
        if not writable:
            raise StoreUnavailable(
                f"The folder {self._folder}, which holds the models' files, cannot be written.",
                advice="Give it to the account that the studio runs as.",
            )

    def put(self, path: Path, sha256: str) -> None:
        place = self.path_of(sha256)
        if not place.parent.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            _sync(self._folder)
        os.chmod(path, 0o444)
        os.replace(path, place)
        _sync(place.parent)

    def open(self, sha256: str, start: int = 0) -> BinaryIO:
        try:
            file = self.path_of(sha256).open("rb")
        except FileNotFoundError:
            raise BlobMissing.of(sha256) from None
        file.seek(start)
        return file

    def size_of(self, sha256: str) -> int | None:
        try:
            return self.path_of(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def missing(self, sha256s: Iterable[str]) -> set[str]:
        return {sha256 for sha256 in sha256s if self.size_of(sha256) is None}

    def delete(self, sha256: str) -> None:
        self.path_of(sha256).unlink(missing_ok=True)

    def names(self, shard: str) -> Iterator[tuple[str, int]]:
        for path in _files(self._folder / shard):
            size = self.size_of(path.name) if _DIGEST.fullmatch(path.name) else None
            if size is not None:
                yield path.name, size

    def drop_leftovers(self, older_than: timedelta) -> int:
        return 0  # a rename leaves none


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file()]
    except FileNotFoundError:
        return []


def _sync(folder: Path) -> None:
    """A rename outlasts a power cut once its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
