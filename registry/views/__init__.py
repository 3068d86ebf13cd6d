"""Pages of the registry: parse, check, call one function, draw."""
