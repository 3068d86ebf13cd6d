"""When the requests of a steady rate have to be sent."""


class Schedule:
    """`due` is the moment of the next one. Each is counted from the first, so that rounding does not add up."""

    __slots__ = ("_begun", "_rate", "_taken", "due")

    def __init__(self, begun: float, rate: float) -> None:
        self._begun = begun
        self._rate = rate
        self._taken = 0
        self.due = begun

    def take(self) -> float:
        """The moment that was due, which from now on the next one is."""
        due = self.due
        self._taken += 1
        self.due = self._begun + self._taken / self._rate
        return due
