"""What rooms above this one add to it: they register when Django starts, and are asked where it matters."""

from collections.abc import Callable
from dataclasses import dataclass

from registry.models import ModelVersion


@dataclass(frozen=True, slots=True)
class Offer:
    """A size that somebody has measured; `evidence` says in a sentence why it should be taken."""

    cpu: float
    memory_gb: float
    convert_to_onnx: bool
    evidence: str


_workloads: list[Callable[[], set[str]]] = []
_offers: list[Callable[[ModelVersion], Offer | None]] = []


def knows_workloads(names: Callable[[], set[str]]) -> None:
    """`names` tells which workloads of this studio belong to that room: they are no orphans."""
    _workloads.append(names)


def workloads_elsewhere() -> set[str]:
    return set().union(*(names() for names in _workloads))


def offers_sizes(offer: Callable[[ModelVersion], Offer | None]) -> None:
    """`offer` is asked for a size when a version is about to be deployed."""
    _offers.append(offer)


def offer_for(version: ModelVersion) -> Offer | None:
    return next(filter(None, (offer(version) for offer in _offers)), None)
