"""When Python looks for reference cycles in a process that answers requests."""

import gc

_ALLOCATIONS = 10_000


def settle() -> None:
    """To be called once everything is loaded: what is there by now stays, and is never looked at again.

    A look at everything takes a web process some 90 ms, and whoever asks at that moment waits for it. A page
    allocates thousands of objects that go by themselves, so that looking at new ones is rarely of use either.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)
