"""A model version's files on their way here: streamed, gone on with where they broke off, checked, and never outside
the chosen folder."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from slipway import wire
from slipway.again import Patience
from slipway.errors import ConnectionBroken, DownloadRefused, LocalPathError, SlipwayError
from slipway.http import Api, segment
from slipway.progress import Progress

CHUNK_BYTES = 1024 * 1024


def download(api: Api, version: Mapping[str, Any], target: Path, *, overwrite: bool = False) -> list[Path]:
    """Writes every file of `version` (its single form, with `files`) below `target`; returns their paths.

    Nothing is written when one of them exists and `overwrite` is False, or has a path that leads out.
    """
    files = version["files"]
    places = _places(files, target, overwrite)
    base = f"{api.root}/models/{segment(version['name'])}/versions/{version['version']}/files"
    progress = Progress("Downloading", sum(file["size"] for file in files))
    try:
        for file, place in zip(files, places, strict=True):
            _fetch(api, f"{base}/{quote(file['path'], safe='/')}", file, place, target, progress)
    finally:
        progress.close()
    return places


def _places(files: Sequence[Mapping[str, Any]], target: Path, overwrite: bool) -> list[Path]:
    places = [target.joinpath(*_parts(file["path"])) for file in files]
    taken = [place for place in places if os.path.lexists(place)]
    if folders := [place for place in taken if place.is_dir() and not place.is_symlink()]:
        raise LocalPathError("A folder is in the way", str(folders[0]), "Choose another --target-dir.")
    if taken and not overwrite:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise LocalPathError(
            "The file is there already",
            f"{taken[0]}{more}",
            "Choose another --target-dir, or replace it with --overwrite.",
        )
    return places


def _parts(path: str) -> list[str]:
    """The segments of a path from the studio, which may be hostile: it must stay below where it starts."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part or Path(part).drive for part in parts):
        raise DownloadRefused("The model has a file with an unsafe path", repr(path), "Nothing was written.")
    return parts


def _fetch(api: Api, url: str, file: Mapping[str, Any], place: Path, target: Path, progress: Progress) -> None:
    # Named for its content: what is left of a download that broke off is gone on with only by one of the same file.
    part = place.with_name(f".{place.name[:150]}.{file['sha256'][:16]}.part")
    try:
        _make_parent(place, target)
        _Receiving(api, url, file, part, progress).receive()
        os.replace(part, place)
    except OSError as exc:
        raise LocalPathError("A file cannot be written", f"{exc.filename or place}: {exc.strerror}") from None
    finally:
        if part.is_file() and not part.stat().st_size:  # nothing came that another try could go on with
            part.unlink()


def _make_parent(place: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    # A folder that is there already may be a link; it must not lead out of the target.
    for folder in reversed(place.relative_to(target).parents):
        here = target / folder
        if here.exists() and not here.resolve().is_relative_to(target.resolve()):
            raise DownloadRefused(
                "A linked folder leads out of the target", str(here), "Remove the link, or choose another --target-dir."
            )
        here.mkdir(exist_ok=True)


class _Receiving:
    """One file: how much of it is here, and the hash of that."""

    def __init__(self, api: Api, url: str, file: Mapping[str, Any], part: Path, progress: Progress) -> None:
        self.api, self.url, self.file, self.part, self.progress = api, url, file, part, progress
        self.here_bytes, self.sha256 = 0, hashlib.sha256()

    def receive(self) -> None:
        patience = Patience(self.progress.say)
        with _opened(self.part) as out:
            self._recall(out)
            while self.here_bytes < self.file["size"]:
                try:
                    self._receive_rest(out)
                    break
                except SlipwayError as exc:
                    patience.wait(exc, self.here_bytes)
        if self.here_bytes != self.file["size"] or self.sha256.hexdigest() != self.file["sha256"]:
            self.part.unlink()
            raise ConnectionBroken(
                f"{self.file['path']} arrived damaged",
                f"{self.here_bytes} of {self.file['size']} bytes came, or their checksum differs",
                "Nothing was kept of it. Try again.",
            )

    def _recall(self, out: BinaryIO) -> None:
        """What an earlier download left."""
        while chunk := out.read(CHUNK_BYTES):
            self._count(chunk)
        if self.here_bytes > self.file["size"]:
            self._begin_anew(out)

    def _receive_rest(self, out: BinaryIO) -> None:
        headers = {}
        if self.here_bytes:
            headers = {"Range": f"bytes={self.here_bytes}-", "If-Range": f'"{self.file["sha256"]}"'}
        with self.api.opened(self.url, headers=headers) as response:
            if self.here_bytes and response.status != 206:
                self._begin_anew(out)
            for chunk in wire.arriving(response):
                out.write(chunk)
                self._count(chunk)
                if self.here_bytes > self.file["size"]:
                    return

    def _count(self, chunk: bytes) -> None:
        self.sha256.update(chunk)
        self.here_bytes += len(chunk)
        self.progress.advance(len(chunk))

    def _begin_anew(self, out: BinaryIO) -> None:
        out.seek(0)
        out.truncate()
        self.progress.advance(-self.here_bytes)
        self.here_bytes, self.sha256 = 0, hashlib.sha256()


def _opened(part: Path) -> BinaryIO:
    """To read and append; a link somebody left under this name is not followed."""
    if part.is_symlink():
        part.unlink()
    return os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666), "r+b")
