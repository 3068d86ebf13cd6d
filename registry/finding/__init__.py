"""Finding versions: the words of the search box, and what answers them."""

from registry.finding.facets import Facet, FacetValue, facets
from registry.finding.listing import Count, Listing, WayOut, list_models, list_versions, mark_use, models_there_are
from registry.finding.query import Chip, Fault, Query, parse_query, query_of
from registry.finding.suggestions import Suggestion, Suggestions, suggest

__all__ = [
    "Chip",
    "Count",
    "Facet",
    "FacetValue",
    "Fault",
    "Listing",
    "Query",
    "Suggestion",
    "Suggestions",
    "WayOut",
    "facets",
    "list_models",
    "list_versions",
    "mark_use",
    "models_there_are",
    "parse_query",
    "query_of",
    "suggest",
]
