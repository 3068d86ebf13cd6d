"""Facts about a model, taken from its files' bytes. No module here loads or runs anything that it reads."""

from registry.reading.facts import Facts, read_facts
from registry.reading.files import FactFile

__all__ = ["FactFile", "Facts", "read_facts"]
