"""A model of scikit-learn, XGBoost or LightGBM as an ONNX graph: made while it is loaded, compared with the original,
and used only where it says the same and says it sooner."""

from dataclasses import asdict, dataclass, field
from typing import Any

from slipway_scoring.conversion import samples
from slipway_scoring.conversion.comparing import ABSOLUTE, RELATIVE, Match, NotAlike, match, times_faster
from slipway_scoring.conversion.original import Original, original_of
from slipway_scoring.conversion.served import Converted
from slipway_scoring.conversion.translating import CannotConvert, candidates
from slipway_scoring.dataplane import Predictor
from slipway_scoring.log import logger, traceback_text

# Rows that were compared; of how many at once the time was taken.
SAMPLES = 256
TIMED = (1, 100)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of it. `faster` is by rows of a call: how many times sooner the graph answered."""

    used: bool
    why: str
    faster: dict[str, float] = field(default_factory=dict)
    samples: int = 0
    difference: float = 0.0
    relative_tolerance: float = RELATIVE
    absolute_tolerance: float = ABSOLUTE

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def faster(predictor: Predictor) -> tuple[Predictor, Conversion]:
    """The predictor to serve with: a graph, or the original, and why."""
    try:
        original = original_of(predictor)
        found, told = _converted(original, predictor)
    except CannotConvert as error:
        found, told = predictor, Conversion(False, str(error))
    except Exception as error:  # a graph is an extra: whatever is wrong with it, the model itself can serve
        logger.warning("The graph failed where the model did not:\n%s", traceback_text(error))
        found, told = predictor, Conversion(False, f"the graph failed when it was tried ({type(error).__name__}).")
    logger.info("ONNX: %s", told.why)
    return found, told


def _converted(original: Original, predictor: Predictor) -> tuple[Predictor, Conversion]:
    rows = samples.of(original.model, original.width, SAMPLES)
    answers = original.answers(rows)
    if not answers:
        raise CannotConvert("the model refuses rows of numbers, so there is nothing to compare with.")
    why = ""
    for graph in candidates(original):
        results = graph.run(rows)
        matches: dict[str, Match] = {}
        for method, answer in answers.items():
            try:
                matches[method] = match(answer, results)
            except NotAlike as error:
                why = why or str(error)
        # What the graph has no output for stays the model's to answer; but it is asked for this one most.
        if original.methods[0] in matches:
            return _judged(original, predictor, graph, matches, rows)
    raise CannotConvert(why or "it cannot be converted.")


def _judged(original: Original, predictor: Predictor, graph: Any, matches: dict[str, Match], rows: Any):
    first = next(iter(matches))
    gained = {
        str(count): round(times_faster(lambda part: original.ask(first, part), graph.run, rows[:count]), 2)
        for count in TIMED
    }
    used = min(gained.values()) > 1
    difference = max(one.difference for one in matches.values())
    one, many = TIMED
    why = (
        f"{'Used' if used else 'Not used'}: {gained[str(one)]:.2g} times as fast with one row and "
        f"{gained[str(many)]:.2g} times as fast with {many} rows; "
        f"{len(rows)} rows were answered alike (largest difference {difference:.1g})."
    )
    told = Conversion(used, why, gained, len(rows), difference)
    return (Converted(predictor, graph, matches) if used else predictor), told
