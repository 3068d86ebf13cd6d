"""Pages of profiles: parse, check, call one function, draw."""
