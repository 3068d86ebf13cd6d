"""What a pickle has numbered to fetch again."""

from registry.reading.pickles.symbols import OPAQUE, Broken, NotFollowed

_MOST_KEPT = 1_000_000


class Memo:
    """What GET gives back. Only what may matter is kept, the number of the rest is counted."""

    def __init__(self, before: "Memo | None" = None) -> None:
        self._kept: dict[int, object] = {}
        self._before = before
        self._filled = before._filled if before else 0
        self._beyond: set[int] = set(before._beyond) if before else set()

    def append(self, value: object) -> None:
        self.put(self._filled + len(self._beyond), value)

    def put(self, index: int, value: object) -> None:
        if index == self._filled:
            self._filled += 1
            while self._filled in self._beyond:
                self._beyond.discard(self._filled)
                self._filled += 1
        elif index > self._filled:
            if len(self._beyond) > _MOST_KEPT:
                raise NotFollowed("it numbers too many objects out of order")
            self._beyond.add(index)
        if (value is OPAQUE and not self._before) or len(self._kept) > _MOST_KEPT:
            self._kept.pop(index, None)
        else:
            self._kept[index] = value

    def get(self, index: int) -> object:
        if index in self._kept:
            return self._kept[index]
        if index >= self._filled and index not in self._beyond:
            raise Broken
        return self._before.get(index) if self._before else OPAQUE
