"""A supervisor over the programs named in argv as NAME=PYTHON CODE; says "all answer" when they do."""

import asyncio
import os
import sys

from studio import supervisor

supervisor._STOP_S = 0.5


def main() -> None:
    named = (argument.split("=", 1) for argument in sys.argv[1:])
    programs = [supervisor.Program(name, [sys.executable, "-u", "-c", code], lambda: True) for name, code in named]
    asyncio.run(supervisor.Supervisor(programs, dict(os.environ)).run(lambda: print("all answer", flush=True)))
    print("stopped", flush=True)


if __name__ == "__main__":
    main()
