"""How long a workload takes until its first answer, and what the time went to."""

import time
from dataclasses import dataclass, field

from drivers.base import Observed, ReplicaState


@dataclass(slots=True)
class ColdStart:
    """Seconds from asking for a workload to its first answer, by what they went to."""

    begun: float = field(default_factory=time.monotonic)
    pulling: float = 0.0
    took: float = 0.0
    _pulls_since: float | None = None

    def seen(self, seen: Observed) -> None:
        now, pulls = time.monotonic(), any(each.state == ReplicaState.PULLING for each in seen.replicas)
        if pulls and self._pulls_since is None:
            self._pulls_since = now
        elif not pulls and self._pulls_since is not None:
            self.pulling, self._pulls_since = self.pulling + now - self._pulls_since, None

    def ready(self) -> None:
        self.took = time.monotonic() - self.begun

    def told(self, load_s: float | None, first_ms: float) -> dict[str, float]:
        load = load_s or 0.0
        return {
            "pull_s": round(self.pulling, 3),
            "start_s": round(max(0.0, self.took - self.pulling - load), 3),
            "load_s": round(load, 3),
            "first_ms": round(first_ms, 3),
        }
