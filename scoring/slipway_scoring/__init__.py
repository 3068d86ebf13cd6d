"""The scoring runtime: loads one model or one entry script and answers for it over HTTP."""

__version__ = "0.1.0"
