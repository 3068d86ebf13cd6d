"""How long reading one version's files may take, whatever they hold."""

import time
from dataclasses import dataclass, field

SECONDS = 20.0


class OutOfTime(Exception):
    """What is left was not looked at."""


@dataclass
class Budget:
    """Shared by all files of a version."""

    seconds: float = SECONDS
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds

    def check(self) -> None:
        """Raises OutOfTime."""
        if time.monotonic() > self._end:
            raise OutOfTime
