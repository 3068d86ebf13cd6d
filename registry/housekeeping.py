"""What the worker's clock does for the registry."""

from registry import blobs, uploads


def sweep() -> None:
    """Drop uploads left alone and content nothing refers to."""
    uploads.sweep()
    blobs.sweep()
