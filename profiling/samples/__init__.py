"""The requests that a profile sends: those somebody gave, the version's own, or made from its signature."""

from profiling.samples.making import own_sample, samples_of
from profiling.samples.reading import FORMATS, read_samples
from profiling.samples.taken import Samples

__all__ = ["FORMATS", "Samples", "own_sample", "read_samples", "samples_of"]
