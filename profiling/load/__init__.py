"""The load generator: a program of its own, told by JSON what to send, telling by JSON what came of it.

    python -m profiling.load < plan.json

A pipe's plan is one line; the program ends when the pipe does. See `plan.py` for what a plan holds, `telling.py` for
what is told."""
