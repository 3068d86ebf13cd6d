"""What the worker's clock does for the registry."""

from django.utils import timezone

from registry import collecting, uploads


def sweep() -> None:
    """Drop uploads left alone, content nothing refers to, and what killed processes left in the store."""
    uploads.sweep()
    collecting.sweep()
    collecting.drop_leftovers()
    collecting.find_strays(collecting.shard_of_the_hour(timezone.now()))
