"""What people do in the registry: one verb, one function."""

from registry.services.changing import update_version
from registry.services.deleting import delete_version, users_by_version, users_of
from registry.services.finding import find_version, parse_reference
from registry.services.registering import checked_name, register_model

__all__ = [
    "checked_name",
    "delete_version",
    "find_version",
    "parse_reference",
    "register_model",
    "update_version",
    "users_by_version",
    "users_of",
]
