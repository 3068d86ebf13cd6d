"""The numbers that static/js/profile.js draws."""

from profiling.pages.sheets import Row, Sheet

_DRAWN = ("stable", "throughput", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "stages")


def drawn(sheet: Sheet, *, name: str = "") -> dict[str, object]:
    """A size as JSON, called `name` where several profiles are drawn together; without its timeline."""
    size = sheet.size
    return {
        "id": size.pk,
        "title": name or sheet.title,
        "cpu": size.cpu,
        "limit": size.memory_bytes,
        "onnx": size.onnx,
        "purpose": size.purpose,
        "died": size.failure["detail"] if size.failure and size.state == "failed" else None,
        "peak": size.peak_memory_bytes,
        "idle": size.idle_memory_bytes,
        "cold": size.cold_start,
        "knee": sheet.knee.load if sheet.knee else None,
        "points": [_point(row) for row in sheet.rows if row.answered],
    }


def _point(row: Row) -> dict[str, object]:
    facts = {key: _rounded(row.facts.get(key)) for key in _DRAWN}
    return {"mode": row.mode, "load": row.load, **facts}


def _rounded(value: object) -> object:
    """Drawings need no more digits; pages are lighter without."""
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return float(f"{value:.5g}") if isinstance(value, float) else value
