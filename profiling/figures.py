"""Numbers as people read them."""

_GB = 1024**3
_MB = 1024**2


def ms(value: float) -> str:
    return f"{short(value, 3)} ms"


def rate(value: float) -> str:
    """Requests a second."""
    return f"{value:,.0f} requests/s" if value >= 10 else f"{value:.2g} requests/s"


def memory(size: int) -> str:
    """In the powers of 1024 that memory is asked for in."""
    return f"{size / _GB:.4g} GB" if size >= _GB else f"{size / _MB:,.0f} MB"


def short(value: float | None, digits: int = 4) -> str:
    """So many digits that count, never as a power of ten; "" for None."""
    if value is None:
        return ""
    if abs(value) < 0.0005:
        return "0"
    return f"{value:.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:.{digits}g}"


def share(value: float) -> str:
    return f"{value * 100:.0f} %"
