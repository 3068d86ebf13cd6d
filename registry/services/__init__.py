"""What people do in the registry: one verb, one function."""

from registry.services.aliases import remove_alias, set_alias
from registry.services.bulk import change_many
from registry.services.changing import KEEP, update_version
from registry.services.comparing import compare
from registry.services.deleting import delete_version
from registry.services.finding import Reference, find_reference, find_version, parse_reference
from registry.services.registering import checked_name, register_model
from registry.services.using import (
    periods_of,
    periods_of_model,
    serving_by_version,
    users_by_version,
    users_of,
    uses_by_version,
    uses_of_model,
)
from registry.services.verifying import FileCheck, check_intact, verify_version

__all__ = [
    "KEEP",
    "FileCheck",
    "Reference",
    "change_many",
    "check_intact",
    "checked_name",
    "compare",
    "delete_version",
    "find_reference",
    "find_version",
    "parse_reference",
    "periods_of",
    "periods_of_model",
    "register_model",
    "remove_alias",
    "serving_by_version",
    "set_alias",
    "update_version",
    "users_by_version",
    "users_of",
    "uses_by_version",
    "uses_of_model",
    "verify_version",
]
