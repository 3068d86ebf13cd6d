"""REST of the registry: parse, check, call one service."""
