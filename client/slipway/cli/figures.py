"""Measured numbers as people read them. What nobody measured is empty text."""

_KB = 1024


def milliseconds(value: float | None) -> str:
    """Three digits that say something: `0.42`, `9.1`, `120`."""
    if value is None:
        return ""
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def rate(value: float | None) -> str:
    """Requests a second."""
    if value is None:
        return ""
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def cores(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def memory(value_bytes: float | None) -> str:
    """In the units a size is asked for in: 1 GB is 1024 MB."""
    if value_bytes is None:
        return ""
    megabytes = value_bytes / _KB**2
    return f"{megabytes:.0f} MB" if megabytes < _KB else f"{megabytes / _KB:.2f} GB"


def size(cpu: float, memory_gb: float, *, onnx: bool = False) -> str:
    """Such as `0.5 CPU, 1 GB`, with `, ONNX` for a converted model."""
    return f"{cpu:g} CPU, {memory_gb:g} GB" + (", ONNX" if onnx else "")
