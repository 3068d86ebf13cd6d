"""`python -m profiling.load`. Ends with 0, after a fault with 1."""

import json
import os
import signal
import stat
import sys

from profiling.load.plan import PlanInvalid, read_plan
from profiling.load.running import Unreachable, measure


def main() -> int:
    # Both end it at once, whatever whoever started it had made of them.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    pipe = sys.stdin.buffer
    whole = stat.S_ISREG(os.fstat(pipe.fileno()).st_mode)
    try:
        measure(read_plan(pipe.read() if whole else pipe.readline()), _tell, pipe.fileno())
    except (PlanInvalid, Unreachable) as problem:
        _tell({"kind": "fault", "message": str(problem)})
        return 1
    return 0


def _tell(line: dict) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
