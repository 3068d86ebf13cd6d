"""What stands on a pickle's stack, as far as it matters for what is imported and how many bytes follow."""

from typing import NamedTuple

MOST_ITEMS = 128


class Stopped(Exception):
    """The pickle is at its end."""


class Broken(Exception):
    """No unpickler goes on from here."""


class NotFollowed(Exception):
    """In words, why the bytes from here on are not told apart."""


class Opaque:
    """Any object that need not be known. There is one: OPAQUE."""

    __slots__ = ()


OPAQUE = Opaque()


class Global(NamedTuple):
    """What an import gave."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class Made:
    """The result of calling `maker`, with the state that was set on it."""

    __slots__ = ("args", "maker", "state")

    def __init__(self, maker: Global, args: object) -> None:
        self.maker, self.args, self.state = maker, args, None


class Mapping(dict):
    """A dict with only its short text keys; `whole` is False once anything was left out."""

    __slots__ = ("whole",)

    def __init__(self) -> None:
        self.whole = True

    def add(self, items: list) -> None:
        if len(self) + len(items) > 2 * MOST_ITEMS:
            self.clear()
            self.whole = False
            return
        for key, value in zip(items[::2], items[1::2], strict=False):
            if isinstance(key, str):
                self[key] = value
            else:
                self.whole = False
