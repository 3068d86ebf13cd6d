"""The words for an order of the list: `name`, `-registered`, `metric.acc`."""

from workspaces.errors import Invalid

DEFAULT = "-registered"
WORDS = ("name", "registered", "size", "version")
METRIC = "metric."


def checked_order(word: str) -> str:
    """The word, or the default for none. Raises Invalid for an order that there is not."""
    order = word.strip() or DEFAULT
    by = order.removeprefix("-")
    metric = by.removeprefix(METRIC) if by.startswith(METRIC) else ""
    if by in WORDS or 0 < len(metric) <= 250:
        return order
    said = f"There is no order {word[:40]!r}."
    advice = f"Sort by {', '.join(WORDS)} or metric.NAME; a minus sign in front turns it round."
    raise Invalid(said, advice=advice, errors={"sort": [said]})
