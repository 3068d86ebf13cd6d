"""What can be unpickled of a file: by its content first, then by its name, also inside archives and packed streams."""

import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from registry.reading import zips
from registry.reading.budget import Budget, OutOfTime
from registry.reading.compressed import CannotUnpack, Unpacked, kind_of
from registry.reading.files import FactFile, Part, Rewound
from registry.reading.pickles.symbols import Global
from registry.reading.pickles.walk import Walk, walk
from registry.reading.window import Ended, Window

SUFFIXES = (".pkl", ".pickle", ".joblib", ".sav", ".pck", ".dill", ".cloudpickle")
_DEEPEST = 4
_HEAD = 512
_NPY_OBJECT = re.compile(rb"['\"][|<>=]?O\d?['\"]")
_LAMBDA = re.compile(rb"\"class_name\":\s?\"Lambda\"")
_MOST_SCHEMA = 64 * 1024 * 1024
_NO_TIME = "there was no time to look at it"
_MOST_SEEN = 256
_SEEN: dict[tuple[str, str], list["Found"]] = {}


@dataclass(frozen=True, slots=True)
class Found:
    """A pickle, or something to doubt, at `path`: the file's, and behind a colon the member's."""

    path: str
    walk: Walk


def look(file: FactFile, budget: Budget) -> list[Found]:
    """Everything in `file` that unpickling would meet."""
    seen = (file.digest, file.path)
    if file.digest and seen in _SEEN:
        return _SEEN[seen]
    found = _looked(file, budget)
    if file.digest and not any("no time" in doubt for each in found for doubt in each.walk.doubts):
        _remember(seen, found)
    return found


def _remember(seen: tuple[str, str], found: list[Found]) -> None:
    """The page of a registration asks again and again for the same file."""
    while len(_SEEN) >= _MOST_SEEN:
        _SEEN.pop(next(iter(_SEEN)), None)
    _SEEN[seen] = found


def _looked(file: FactFile, budget: Budget) -> list[Found]:
    found: list[Found] = []
    try:
        budget.check()
        with file.open() as stream:
            for each in _look(Part.whole(stream), file.path, budget, 0):
                found.append(each)  # one by one: what is found before an error stays found
    except OutOfTime:
        found.append(_doubt(file.path, _NO_TIME))
    except CannotUnpack as exc:
        found.append(_doubt(file.path, str(exc)))
    return found


def _look(stream, path: str, budget: Budget, depth: int) -> Iterator[Found]:
    head = _first_bytes(stream)
    named_so = path.lower().endswith(SUFFIXES)
    if depth > _DEEPEST:
        yield _doubt(path, "archives are nested too deeply in it")
        return
    if getattr(stream, "seekable", lambda: False)():
        is_zip = zips.is_zip(stream, head)
        stream.seek(0)
        if is_zip:
            yield from _in_zip(stream, path, budget, depth)
            if head.startswith(b"PK"):
                return
            stream.seek(0)  # something stands before the archive, and may be a pickle
    else:
        stream = Rewound(head, stream)
        if head.startswith(b"PK\x03\x04"):
            yield _doubt(path, "it is an archive inside a packed one")
            return
    yield from _by_head(stream, head, path, named_so, budget, depth)


def _first_bytes(stream) -> bytes:
    head = b""
    while len(head) < _HEAD and (piece := stream.read(_HEAD - len(head))):
        head += piece
    return head


def _by_head(stream, head: bytes, path: str, named_so: bool, budget: Budget, depth: int) -> Iterator[Found]:
    if kind := kind_of(head):
        yield from _packed(stream, kind, path, named_so, budget, depth)
    elif head.startswith(b"7z\xbc\xaf\x27\x1c"):
        yield _doubt(path, "it is a 7z archive, which is not looked into")
    elif head[257:262] == b"ustar":
        yield from _in_tar(stream, path, budget, depth)
    elif head.startswith(b"\x93NUMPY"):
        yield from _npy(stream, path, budget)
    elif head.startswith(b"\x89HDF\r\n\x1a\n"):
        yield from _lambda_layers(stream, path, budget)
    else:
        yield from _walked(Window(stream, budget), path, named_so)


def _walked(window: Window, path: str, named_so: bool) -> Iterator[Found]:
    met = walk(window, named_so=named_so)
    if met.is_pickle or met.imports or met.doubts:
        yield Found(path, met)


def _packed(stream, kind: str, path: str, named_so: bool, budget: Budget, depth: int) -> Iterator[Found]:
    try:
        unpacked = Unpacked(stream, kind)
        first = unpacked.read(1)
    except CannotUnpack as exc:
        if named_so or kind in {"lz4", "zstd"}:
            yield _doubt(path, str(exc))
        return
    inner = path.removesuffix(".gz").removesuffix(".bz2").removesuffix(".xz")
    try:
        for found in _look(Rewound(first, unpacked), inner, budget, depth + 1):
            yield Found(path + found.path.removeprefix(inner), found.walk)
    except CannotUnpack as exc:
        yield _doubt(path, str(exc))


def _in_zip(stream, path: str, budget: Budget, depth: int) -> Iterator[Found]:
    for member in zips.members(stream):
        budget.check()
        inside = f"{path}:{member.name}"
        if member.doubt:
            yield _doubt(inside, member.doubt)
        if member.stream is None:
            continue
        base = member.name.rsplit("/", 1)[-1]
        try:
            if base == "schema.json":
                yield from _skops(member.stream, inside, budget)
            elif base == "config.json":
                yield from _lambda_layers(member.stream, inside, budget)
            else:
                yield from _look(member.stream, inside, budget, depth + 1)
        except CannotUnpack as exc:
            yield _doubt(inside, str(exc))


def _in_tar(stream, path: str, budget: Budget, depth: int) -> Iterator[Found]:
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                budget.check()
                content = archive.extractfile(member) if member.isreg() else None
                if content:
                    yield from _look(_Forwards(content), f"{path}:{member.name}", budget, depth + 1)
    except (tarfile.TarError, OSError, EOFError, ValueError, OverflowError):
        yield _doubt(path, "its archive is broken")


class _Forwards:
    """A member of a tar that is read as a stream cannot be seen twice."""

    def __init__(self, stream) -> None:
        self.read = stream.read


def _npy(stream, path: str, budget: Budget) -> Iterator[Found]:
    """An array of objects is a pickle behind its header."""
    window = Window(stream, budget)
    try:
        version = window.take(8)[6]
        header = window.take(int.from_bytes(window.take(2 if version == 1 else 4), "little"))
    except Ended:
        return
    if _NPY_OBJECT.search(header):
        yield from _walked(window, path, named_so=True)


def _lambda_layers(stream, path: str, budget: Budget) -> Iterator[Found]:
    """A Keras model keeps its layers as JSON; that of a Lambda layer holds code."""
    before = b""
    for piece in Window(stream, budget).rest():
        if _LAMBDA.search(before + piece):
            yield _doubt(path, "it holds a Lambda layer of Keras, which is Python code")
            return
        before = piece[-64:]


def _skops(stream, path: str, budget: Budget) -> Iterator[Found]:
    """skops keeps names of types where a pickle has imports."""
    text = Window(stream, budget).peek(_MOST_SCHEMA + 1)
    try:
        waiting = [json.loads(text)] if len(text) <= _MOST_SCHEMA else None
    except (ValueError, RecursionError):
        return
    if waiting is None:
        yield _doubt(path, "its schema is too long to be read")
        return
    met = Walk()
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            for module, name in (("__module__", "__class__"), ("module_path", "function")):
                if isinstance(node.get(module), str) and isinstance(node.get(name), str):
                    met.imports[Global(node[module], node[name])] = None
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    if met.imports:
        yield Found(path, met)


def _doubt(path: str, why: str) -> Found:
    return Found(path, Walk(doubts={why: None}))
