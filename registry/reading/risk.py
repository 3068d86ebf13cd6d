"""What reading a version's pickles may do, with the reasons in sentences."""

from dataclasses import dataclass, field

from registry.models import Risk
from registry.reading.looking import Found
from registry.reading.pickles.names import judge
from workspaces.texts import storable

MOST_REASONS = 30
MOST_IMPORTS = 500
_MOST_NAME = 200


@dataclass
class Verdict:
    """`reasons` begin with what makes it unsafe; `imports` are all names, each once."""

    risk: str = Risk.NONE
    reasons: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    protocols: list[int] = field(default_factory=list)


def judged(found: list[Found]) -> Verdict:
    unsafe: dict[str, None] = {}
    unknown: dict[str, None] = {}
    imports: dict[str, None] = {}
    for each in found:
        path = shown(each.path)
        for name in each.walk.imports:
            risk, why = judge(name)
            told = shown(str(name))
            imports[told] = None
            if risk != Risk.KNOWN:
                (unsafe if risk == Risk.UNSAFE else unknown)[f"{path} imports {told}, {why}."] = None
        unknown |= {f"{path}: {shown(doubt)}.": None for doubt in each.walk.doubts}
    protocols = sorted({protocol for each in found for protocol in each.walk.protocols})
    return Verdict(_risk(found, unsafe, unknown), _some([*unsafe, *unknown]), list(imports)[:MOST_IMPORTS], protocols)


def _risk(found: list[Found], unsafe: dict, unknown: dict) -> Risk:
    if unsafe:
        return Risk.UNSAFE
    if unknown:
        return Risk.UNKNOWN
    return Risk.KNOWN if found else Risk.NONE


def _some(reasons: list[str]) -> list[str]:
    more = len(reasons) - MOST_REASONS
    return reasons[:MOST_REASONS] + ([f"And {more} more."] if more > 0 else [])


def shown(text: str) -> str:
    """Fit to keep and to read, whatever a hostile file called its names."""
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    text = storable(text)
    return text if len(text) <= _MOST_NAME else f"{text[:_MOST_NAME]}…"
