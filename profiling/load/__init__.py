"""The load generator: a program of its own, told by JSON what to send, telling by JSON what came of it."""
