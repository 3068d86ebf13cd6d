"""All pickles of one stream, whatever stands between and behind them."""

import re
from dataclasses import dataclass, field

from registry.models import Risk
from registry.reading.budget import OutOfTime
from registry.reading.compressed import CannotUnpack
from registry.reading.pickles.machine import Machine
from registry.reading.pickles.names import judge
from registry.reading.pickles.symbols import Broken, Global, NotFollowed, Stopped
from registry.reading.window import PIECE, Ended, Window

HEAD = re.compile(rb"\x80[\x00-\x05]")
# Without a protocol in front (0 and 1) a pickle begins like many a text.
HEADLESS = re.compile(rb"[(\]}c)l\x8c\x95KJMILFGSTUVXNi]")
_MOST_PICKLES = 1000
# Names are bounded and never given back, so that no text takes longer than its length times a constant.
_NAME = rb"([A-Za-z_][\w.]{0,254}+)"
_MAY_IMPORT = re.compile(
    rb"c" + _NAME + rb"\n" + _NAME + rb"\n|\x8c." + _NAME + rb"\x94?\x8c." + _NAME + rb"\x94?\x93", re.DOTALL
)
_OVERLAP = 512
_TOO_LONG_FOR_CHANCE = 64 * 1024
_MOST_REST = 256 * PIECE


@dataclass
class Walk:
    """What was met. `imports` in order; `doubts` say in words what could not be followed."""

    imports: dict[Global, None] = field(default_factory=dict)
    doubts: dict[str, None] = field(default_factory=dict)
    protocols: dict[int, None] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    is_pickle: bool = False


def walk(window: Window, *, named_so: bool) -> Walk:
    """Follow the stream to its end. `named_so`: its name says that it is a pickle, so it is one."""
    met = Walk()
    for count in range(_MOST_PICKLES):
        head = window.peek(2)
        certain = bool(HEAD.match(head)) or (named_so and count == 0)
        if not head or not (certain or HEADLESS.match(head)):
            break
        if not _one(window, met, certain=certain, named_so=named_so):
            break
    else:
        met.doubts["it holds too many pickles to follow them all"] = None
    if met.is_pickle or met.imports:
        _look_through_rest(window, met)
    return met


def _one(window: Window, met: Walk, *, certain: bool, named_so: bool) -> bool:
    """Follow one pickle; whether another may come after it."""
    begin = window.offset
    machine = Machine(window, {}, {})
    why = _follow(machine)
    length = window.offset - begin
    # Something else may look like the beginning of a pickle: then nothing is imported and it soon breaks.
    if why and not machine.found and not named_so and length < _TOO_LONG_FOR_CHANCE:
        return False
    if certain or not why or length >= _TOO_LONG_FOR_CHANCE:
        met.is_pickle = met.is_pickle or certain or bool(machine.found)
        met.imports.update(machine.found)
        met.doubts.update(machine.doubts)
        met.texts = machine.texts | met.texts
        met.protocols[machine.protocol] = None
        if why:
            met.doubts[f"it can be followed to byte {window.offset} only: {why}"] = None
    else:
        met.imports.update(dict.fromkeys(found for found in machine.found if judge(found)[0] == Risk.UNSAFE))
    return not why


def _follow(machine: Machine) -> str:
    """Nothing when the pickle was followed to its end, else why not."""
    try:
        machine.run()
    except Stopped:
        return ""
    except NotFollowed as exc:
        return str(exc)
    except OutOfTime:
        return "there was no time to follow it further"
    except CannotUnpack as exc:
        return str(exc)
    except Ended:
        return "it ends in the middle"
    except (Broken, ValueError, OverflowError):
        return "what comes then is no pickle"


def _look_through_rest(window: Window, met: Walk) -> None:
    """Behind what could be followed, bytes that would import something dangerous are looked for."""
    before, left = b"", _MOST_REST
    try:
        for piece in window.rest():
            seen = before + piece
            for found in _MAY_IMPORT.finditer(seen):
                name = Global((found[1] or found[3]).decode(), (found[2] or found[4]).decode())
                if judge(name)[0] == Risk.UNSAFE:
                    met.imports[name] = None
            before, left = seen[-_OVERLAP:], left - len(piece)
            if left < 0:
                return
    except (OutOfTime, CannotUnpack):
        return
