"""A model version's files on their way here: streamed, checked, and never outside the chosen folder."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from slipway.errors import ConnectionBroken, DownloadRefused, LocalPathError
from slipway.http import Api, segment
from slipway.progress import Progress


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
    part = place.with_name(f".{place.name[:200]}.slipway-part")
    try:
        _make_parent(place, target)
        _stream(api, url, file, part, progress)
        os.replace(part, place)
    except OSError as exc:
        raise LocalPathError("A file cannot be written", f"{exc.filename or place}: {exc.strerror}") from None
    finally:
        with suppress(OSError):
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


def _stream(api: Api, url: str, file: Mapping[str, Any], part: Path, progress: Progress) -> None:
    sha256, received_bytes = hashlib.sha256(), 0
    part.unlink(missing_ok=True)  # never follow a link somebody left under this name
    with api.stream(url) as body, open(part, "xb") as out:
        for chunk in body:
            sha256.update(chunk)
            received_bytes += len(chunk)
            out.write(chunk)
            progress.advance(len(chunk))
    if received_bytes != file["size"] or sha256.hexdigest() != file["sha256"]:
        raise ConnectionBroken(
            f"{file['path']} arrived damaged",
            f"{received_bytes} of {file['size']} bytes came, or their checksum differs",
            "Nothing was kept of it. Try again.",
        )
