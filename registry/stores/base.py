"""What a store of content promises. It knows digests and bytes; rows and references are `registry.blobs`'s."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Protocol


class Store(Protocol):
    """Content by its SHA-256. Any method raises StoreUnavailable when the store does not answer or refuses."""

    def check(self) -> None:
        """Whether content can be read, written and removed here; else StoreUnavailable says what to mend."""

    def put(self, path: Path, sha256: str) -> None:
        """Keep the local file, whose digest the caller knows: seen whole or not at all, also after a crash.

        Content that is there already is replaced, which mends it. The file at `path` may be gone afterwards.
        Raises OSError (ENOSPC) or DiskFull when it does not fit."""

    def open(self, sha256: str, start: int = 0) -> BinaryIO:
        """A stream that can seek, from byte `start`. Raises BlobMissing here, not at the first read."""

    def size_of(self, sha256: str) -> int | None:
        """None when it is not there. Answers within seconds, or raises: callers hold a lock meanwhile."""

    def missing(self, sha256s: Iterable[str]) -> set[str]:
        """Those of them that are not there."""

    def delete(self, sha256: str) -> None:
        """Already gone counts as done. Within seconds, as `size_of`."""

    def names(self, shard: str) -> Iterator[tuple[str, int]]:
        """Digest and size of all content whose digest begins with the two characters `shard`."""

    def drop_leftovers(self, older_than: timedelta) -> int:
        """Forget what killed `put`s left half done. Returns how many."""
