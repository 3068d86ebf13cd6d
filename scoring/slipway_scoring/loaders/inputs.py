"""One named input of a graph, and JSON values made the tensor it takes."""

from typing import Any

import numpy as np

from slipway_scoring.errors import BadInput

Shape = list[int | None]


class Input:
    """`shape` has None where any size goes, and is None itself where nothing is known of it.

    `said` are the sizes in the words of the graph, for its signature: names of sizes stay."""

    def __init__(self, name: str, dtype: np.dtype, shape: Shape | None, said: list | None = None) -> None:
        self.name, self.dtype, self.shape = name, np.dtype(dtype), shape
        self.said = said if said is not None else shape

    def tensor(self, value: Any) -> np.ndarray:
        """Raises BadInput."""
        try:
            result = np.asarray(value, dtype=self.dtype)
        except (ValueError, TypeError, OverflowError) as error:
            raise BadInput(f"Input {self.name!r} takes {self.dtype}: {error}") from None
        if self.dtype.kind == "O" and not all(isinstance(text, str) for text in result.flat):
            raise BadInput(f"Input {self.name!r} takes texts.")
        if self.dtype.kind in "iu" and not np.array_equal(result, np.asarray(value)):
            raise BadInput(f"Input {self.name!r} takes whole numbers.")
        self._check_shape(result.shape)
        return result

    def sample(self, random: np.random.Generator) -> np.ndarray:
        """One row of anything. Raises TypeError where that cannot be made up."""
        if self.dtype.kind == "O":
            raise TypeError("it takes texts")
        if not self.by_row:
            raise TypeError("the size of a row is not known")
        return random.integers(0, 2, [1, *self.shape[1:]]).astype(self.dtype)

    @property
    def by_row(self) -> bool:
        """Whether it takes any number of rows, all of one known size."""
        return bool(self.shape) and self.shape[0] is None and None not in self.shape[1:]

    def column(self, values: list) -> np.ndarray:
        return self.tensor([[value] for value in values] if self.shape is not None and len(self.shape) == 2 else values)

    def example(self) -> list:
        return np.zeros([size or 1 for size in self.shape or [None, None]], dtype=self.dtype).tolist()

    def described(self) -> dict[str, Any]:
        return described(self.name, self.dtype, self.said)

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        if self.shape is None:
            return
        fits = len(shape) == len(self.shape) and all(
            want is None or have == want for have, want in zip(shape, self.shape, strict=True)
        )
        if not fits:
            want = " x ".join("any" if size is None else str(size) for size in self.shape)
            have = " x ".join(map(str, shape)) or "a single value"
            raise BadInput(f"Input {self.name!r} takes values of shape {want}; these are {have}.")


def described(name: str, dtype: np.dtype | None, shape: list | None) -> dict[str, Any]:
    """As signatures say it."""
    kind = "" if dtype is None else "string" if dtype.kind == "O" else np.dtype(dtype).name
    return {"name": name, "type": kind, "shape": shape}
