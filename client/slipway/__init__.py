"""Client of the Slipway model studio. It speaks the studio's REST API and nothing else."""

__version__ = "0.1.0"
