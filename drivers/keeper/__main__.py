"""`python -m drivers.keeper FOLDER`: returns once the workload in FOLDER has been started.

The keeper itself goes on in the background, as a child of init: a worker that starts it can neither
take it along when it dies nor be left with a zombie.
"""

import os
import sys
import traceback
from pathlib import Path

from drivers.keeper.identity import Identity
from drivers.keeper.supervisor import Supervisor


def main() -> int:
    folder = Path(sys.argv[1])
    heard, told = os.pipe()
    if os.fork():
        os.close(told)
        return 0 if os.read(heard, 1) else 1
    os.close(heard)
    _keep(folder, told)
    return 0


def _keep(folder: Path, told: int) -> None:
    parts = [told]

    def started() -> None:
        if parts:
            os.write(parts[0], b"1")
            os.close(parts.pop())

    try:
        Supervisor(folder, Identity.of(os.getpid())).supervise(started)
    except Exception:
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
