"""A pickle's opcodes followed one by one, with a stack that holds names instead of objects. Nothing is run.

What an opcode does is what CPython's Lib/pickle.py and joblib's NumpyUnpickler make of it.
"""

from registry.reading.pickles import arrays, opcodes
from registry.reading.pickles.arrays import DTYPES, WRAPPER
from registry.reading.pickles.memo import Memo
from registry.reading.pickles.symbols import OPAQUE, Broken, Global, Made, Mapping, NotFollowed, Stopped
from registry.reading.pickles.table import TABLE, broken
from registry.reading.window import Ended, Window, WindowOnBytes

VERSION = "_sklearn_version"
assert opcodes  # imported for what it puts into the table
_MOST_NAME = 512
_MOST_IMPORTS = 10_000
_MOST_STACK = 8_000_000
_LOOK_AHEAD = 64 * 1024
_BY_CALLING_THE_FIRST = {
    Global(module, name)
    for module in ("copyreg", "copy_reg")
    for name in ("_reconstructor", "__newobj__", "__newobj_ex__")
}


class Machine:
    """Follows one pickle. `found` are its imports in order, `doubts` what could not be told, in words."""

    def __init__(self, window: Window, found: dict[Global, None], doubts: dict[str, None], *, joblib: bool = True):
        self.window, self.found, self.doubts = window, found, doubts
        self.stack: list = []
        self.marks: list[int] = []
        self.memo = Memo()
        self.texts: dict[str, str] = {}
        self.protocol = 0
        self.frame_end = 0
        self._joblib = joblib

    def run(self) -> None:
        """To the end. Raises Stopped there; Broken, Ended, NotFollowed or OutOfTime before."""
        window, table = self.window, TABLE
        try:
            while True:
                for _ in range(1024):
                    position = window.pos
                    if position + 16 > len(window.data):
                        window.fill(16)
                        position = window.pos
                    opcode = window.data[position]
                    window.pos = position + 1
                    table[opcode](self)
                if len(self.stack) > _MOST_STACK:
                    raise NotFollowed("it stacks up too many objects")
        except IndexError:
            raise (Ended if position >= len(window.data) else Broken) from None

    def since_mark(self) -> list:
        begin = self.marks.pop()
        items = self.stack[begin:]
        del self.stack[begin:]
        return items

    def number(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.window.take(size), "little", signed=signed)

    def opaque(self, size: int) -> None:
        self.window.skip(size)
        self.stack.append(OPAQUE)

    def text(self, size: int, encoding: str = "utf-8") -> None:
        if size > _MOST_NAME:
            self.opaque(size)
            return
        try:
            self.stack.append(self.window.take(size).decode(encoding, "surrogatepass"))
        except UnicodeDecodeError:
            self.stack.append(OPAQUE)

    def import_(self, module: object, name: object) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            self.doubts["it imports a name that is put together while it is read"] = None
            self.stack.append(OPAQUE)
            return
        found = Global(module, name)
        if len(self.found) > _MOST_IMPORTS:
            raise NotFollowed("it imports too many names")
        self.found[found] = None
        self.stack.append(found)

    def call(self, maker: object, args: object) -> None:
        if isinstance(maker, Global) and maker in _BY_CALLING_THE_FIRST and isinstance(args, tuple) and args:
            maker, args = args[0], ()
        keep = isinstance(maker, Global) and (maker == WRAPPER or maker in DTYPES)
        if (keep and maker == WRAPPER and args != ()) or (not keep and isinstance(args, tuple) and WRAPPER in args):
            raise NotFollowed("it makes joblib's arrays in a way that joblib does not")
        self.stack.append(Made(maker, args) if keep else OPAQUE)

    def build(self) -> None:
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(state, Mapping) and isinstance(version := state.get(VERSION), str):
            self.texts.setdefault(VERSION, version)
        if isinstance(target, Global):
            self.doubts[f"it changes {target}, which is not its own"] = None
        if isinstance(target, Made):
            if target.state is not None:
                raise NotFollowed("it describes an array twice")
            target.state = state
            if target.maker == WRAPPER and self._joblib:
                self._array(state)
                self.stack[-1] = OPAQUE

    def _array(self, state: object) -> None:
        """joblib reads the array from the file now; pickle itself would read opcodes on."""
        window = self.window
        if self.frame_end > window.offset:
            raise NotFollowed("an array begins inside a frame")
        layout = arrays.layout(state)
        if layout.size is None:
            self._inner()
            return
        self._read_as_pickle()
        if layout.padded:
            window.skip(window.take(1)[0])
        window.skip(layout.size)

    def _inner(self) -> None:
        inner = Machine(self.window, self.found, self.doubts, joblib=False)
        try:
            inner.run()
        except Stopped:
            if inner.frame_end > self.window.offset:
                raise NotFollowed("a pickle inside it ends before its frame does") from None

    def _read_as_pickle(self) -> None:
        """Follows the array's bytes as opcodes, too: pickle.load would, and imports may be hidden there."""
        ahead = self.window.peek(_LOOK_AHEAD)
        if not ahead or TABLE[ahead[0]] is broken:
            return
        other = Machine(WindowOnBytes(ahead), {}, {}, joblib=False)
        other.stack, other.marks, other.memo = list(self.stack), list(self.marks), Memo(self.memo)
        try:
            other.run()
        except (Broken, Stopped, NotFollowed, ValueError):
            pass
        except Ended:
            if other.window.offset + 16 >= _LOOK_AHEAD:
                self.doubts["the bytes of an array can be read as instructions of a pickle"] = None
        self.found.update(other.found)
