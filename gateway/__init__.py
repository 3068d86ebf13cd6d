"""The data plane: scoring URI in, workload out. Key check, traffic split, limits, streaming proxy."""
