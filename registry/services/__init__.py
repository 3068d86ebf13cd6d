"""What people do in the registry: one verb, one function."""

from registry.services.aliases import remove_alias, set_alias
from registry.services.bulk import change_many
from registry.services.changing import KEEP, update_version
from registry.services.comparing import compare
from registry.services.deleting import delete_version
from registry.services.finding import Reference, find_reference, find_version, parse_reference
from registry.services.recording import record_sample_input, record_signature
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
from registry.services.views import change_view, delete_view, find_view, save_view, views_of

__all__ = [
    "KEEP",
    "FileCheck",
    "Reference",
    "change_many",
    "change_view",
    "check_intact",
    "checked_name",
    "compare",
    "delete_version",
    "delete_view",
    "find_reference",
    "find_version",
    "find_view",
    "parse_reference",
    "periods_of",
    "periods_of_model",
    "record_sample_input",
    "record_signature",
    "register_model",
    "remove_alias",
    "save_view",
    "serving_by_version",
    "set_alias",
    "update_version",
    "users_by_version",
    "users_of",
    "uses_by_version",
    "uses_of_model",
    "verify_version",
    "views_of",
]
