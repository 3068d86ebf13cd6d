"""Every address of the web process, as its pattern."""

from django.urls import URLPattern, get_resolver


def routes(patterns=None, before: str = "") -> list[str]:
    found = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        found += [route] if isinstance(pattern, URLPattern) else routes(pattern.url_patterns, route)
    return found
