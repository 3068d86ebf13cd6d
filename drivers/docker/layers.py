"""Files on their way into an image, as one tar stream that is never on disk nor in memory as a whole.

`put` and then a commit was chosen by measuring a scikit-learn environment (260 MB, 8,000 files, two
cores): 6.3 s, against 7.7 s for a Dockerfile's ADD with the classic builder and 6.2 s for `docker load`
of an image made by hand, which works only on engines that keep layers the way this one does.
"""

import io
import os
import stat
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import docker

_BLOCK = 2**20
Write = Callable[["Layer"], None]


class Layer:
    """What goes into an image. Everything belongs to root and is read-only for others."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._folders: set[PurePosixPath] = set()

    def folder(self, path: PurePosixPath) -> None:
        """`path` and all above it, so that none is left to an engine's idea of permissions."""
        for each in (*reversed(path.parents), path):
            if each not in self._folders and each != PurePosixPath("/"):
                self._folders.add(each)
                entry = self._entry(each, 0o755)
                entry.type = tarfile.DIRTYPE
                self._tar.addfile(entry)

    def file(self, path: PurePosixPath, content: BinaryIO, size: int, *, mode: int = 0o644, mtime: float = 0) -> None:
        self.folder(path.parent)
        entry = self._entry(path, mode)
        entry.size, entry.mtime = size, int(mtime)
        self._tar.addfile(entry, content)

    def text(self, path: PurePosixPath, text: str) -> None:
        content = text.encode()
        self.file(path, io.BytesIO(content), len(content))

    def link(self, path: PurePosixPath, target: str) -> None:
        self.folder(path.parent)
        entry = self._entry(path, 0o777)
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        self._tar.addfile(entry)

    def copy(self, source: Path, path: PurePosixPath) -> None:
        """One file of this machine, its date kept: compiled modules are matched to their source by it."""
        facts = source.lstat()
        if stat.S_ISLNK(facts.st_mode):
            self.link(path, os.readlink(source))
        elif stat.S_ISREG(facts.st_mode):
            mode = 0o755 if facts.st_mode & stat.S_IXUSR else 0o644
            with open(source, "rb") as content:
                self.file(path, content, facts.st_size, mode=mode, mtime=facts.st_mtime)

    def _entry(self, path: PurePosixPath, mode: int) -> tarfile.TarInfo:
        entry = tarfile.TarInfo(str(path).lstrip("/"))
        entry.mode = mode
        return entry


def put(api: docker.APIClient, container: str, write: Write) -> None:
    """Lay what `write` puts into a layer over the root of `container`.

    Raises what `write` raised; the container is then half filled and must not be committed."""
    receiver, sender = os.pipe()
    failure: list[BaseException] = []
    writer = threading.Thread(target=_send, args=(sender, write, failure), daemon=True)
    writer.start()
    try:
        with open(receiver, "rb", buffering=0) as stream:
            api.put_archive(container, "/", _blocks(stream))
    finally:
        writer.join()  # it ends when the stream is read or closed
    if failure:
        raise failure[0]


def _send(sender: int, write: Write, failure: list[BaseException]) -> None:
    try:
        with (
            open(sender, "wb", buffering=_BLOCK) as stream,
            tarfile.open(fileobj=stream, mode="w|", bufsize=_BLOCK, copybufsize=_BLOCK) as tar,
        ):
            write(Layer(tar))
    except BaseException as exc:
        failure.append(exc)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def files_below(folder: Path) -> Iterable[tuple[PurePosixPath, Path]]:
    """(path below `folder`, file), without following links."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            yield PurePosixPath(path.relative_to(folder).as_posix()), path
