"""Where the files of this process's control groups are."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path("/")


def folders(controller: str, root: Path = ROOT) -> Iterator[tuple[int, Path]]:
    """(version, folder) of the group that has `controller` and of all it is part of, the innermost first. `root` is
    where the file system begins. Not all of these folders exist: in a container, the group's place may be the host's
    and its files at the top."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    mounted = root / "sys/fs/cgroup"
    for line in lines:
        number, controllers, place = line.split(":", 2)
        if number == "0":
            yield from ((2, folder) for folder in _upwards(mounted, place))
        elif controller in controllers.split(","):
            yield from ((1, folder) for folder in _upwards(mounted / controllers, place))


def words(file: Path) -> list[str]:
    """None of a file that cannot be read."""
    try:
        return file.read_text().split()
    except OSError:
        return []


def _upwards(mounted: Path, place: str) -> Iterator[Path]:
    inside = PurePosixPath(place.lstrip("/"))
    for part in (inside, *inside.parents):
        if ".." not in part.parts:  # as seen from a namespace that the group is not in
            yield mounted / part
