"""How many raw bytes follow where joblib puts an array into its pickle, told from the wrapper before them.

See joblib.numpy_pickle.NumpyArrayWrapper.read_array. Nothing is guessed: what is not exactly as numpy and
joblib write it is refused, since whoever counts otherwise than joblib can be shown other opcodes than it.
"""

import math
import re

from registry.reading.pickles.symbols import Global, Made, Mapping, NotFollowed

WRAPPER = Global("joblib.numpy_pickle", "NumpyArrayWrapper")
DTYPES = {Global("numpy", "dtype"), Global("numpy._core.multiarray", "dtype"), Global("numpy.core.multiarray", "dtype")}
_SIMPLE = re.compile(r"[<>|=]?(b1|\?|[iu][1248]|f(?:2|4|8|12|16)|c(?:8|16|24|32)|[mM]8|O8?|[SUV]\d{1,9})")
_WIDTH = {"U": 4}
_KEYS = {"subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"}
_HAS_OBJECT = 0x01


class Layout:
    """`size` in bytes, None for a pickle of its own; `padded` when a byte says how many more to skip before."""

    __slots__ = ("padded", "size")

    def __init__(self, size: int | None, padded: bool) -> None:
        self.size, self.padded = size, padded


def layout(state: object) -> Layout:
    """What follows a wrapper of this state. Raises NotFollowed."""
    if not isinstance(state, Mapping) or not state.whole or not {"shape", "dtype"} <= state.keys() <= _KEYS:
        raise NotFollowed("an array is announced in a way that joblib does not write")
    shape, alignment = state["shape"], state.get("numpy_array_alignment_bytes")
    if not isinstance(shape, tuple) or not all(type(size) is int and 0 <= size < 2**62 for size in shape):
        raise NotFollowed("the shape of an array cannot be told")
    if alignment is not None and type(alignment) is not int:
        raise NotFollowed("the alignment of an array cannot be told")
    item = item_size(state["dtype"])
    if item is None:
        return Layout(None, padded=False)
    return Layout(math.prod(shape) * item, padded=alignment is not None)


def item_size(dtype: object) -> int | None:
    """Bytes of one element, None for Python objects. Raises NotFollowed."""
    if not isinstance(dtype, Made) or dtype.maker not in DTYPES or not isinstance(dtype.args, tuple) or not dtype.args:
        raise NotFollowed("the type of an array's elements cannot be told")
    named = _SIMPLE.fullmatch(dtype.args[0]) if isinstance(dtype.args[0], str) else None
    if named is None:
        raise NotFollowed("the type of an array's elements cannot be told")
    kind, size = named[1][0], int(named[1][1:] or 1) * _WIDTH.get(named[1][0], 1)
    fields, said, flags = _state(dtype.state)
    if flags & _HAS_OBJECT or kind == "O":
        if kind not in "OV" or not flags & _HAS_OBJECT:
            raise NotFollowed("the type of an array's elements contradicts itself")
        return None
    # Of texts and records the size in the state counts, of numbers the one in the name.
    sizes = {size} if kind in "SUV" and dtype.state is not None else {size, -1}
    if said not in sizes or (fields and kind != "V"):
        raise NotFollowed("the type of an array's elements contradicts itself")
    return size


def _state(state: object) -> tuple[bool, int, int]:
    """Whether there are fields, the size of an element where it is said (else -1), and the flags."""
    if state is None:
        return False, -1, 0
    if not isinstance(state, tuple) or len(state) not in {8, 9} or type(state[0]) is not int:
        raise NotFollowed("the type of an array's elements is described in a way that numpy does not write")
    _, _, parts, names, _, size, _, flags = state[:8]
    if parts is not None or type(size) is not int or type(flags) is not int:
        raise NotFollowed("the type of an array's elements cannot be told")
    return names is not None, size, flags
