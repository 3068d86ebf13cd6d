"""Points in time as engines and clusters write them."""

from datetime import datetime


def seconds_of(stamp: str) -> float:
    """RFC 3339 in UTC as seconds since the epoch; with nanoseconds, which datetime cuts off. Raises ValueError."""
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")
