"""Addresses that the registry's pages link to."""

from functools import lru_cache
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from registry.finding.tree import Leaf, written
from registry.models import ModelVersion, Tag, VersionFile
from workspaces.models import Workspace

register = template.Library()


@register.simple_tag
def tag_url(workspace: Workspace, tag: Tag) -> str:
    """The list of models that carry the same tag."""
    query = written(Leaf("tag", tag.key, values=(tag.value,)))
    return f"{_list_of(workspace.name)}?{urlencode({'q': query})}"


@lru_cache(maxsize=1000)
def _list_of(workspace: str) -> str:
    """Kept: a page has hundreds of links to it, and finding an address takes longer than drawing a link."""
    return reverse("registry:models", args=[workspace])


@register.simple_tag
def file_url(workspace: Workspace, version: ModelVersion, file: VersionFile) -> str:
    """The file's bytes, as REST serves them."""
    name = quote(version.name)
    return f"/api/v1/workspaces/{workspace.name}/models/{name}/versions/{version.version}/files/{quote(file.path)}"


@register.filter
def join_lines(lines: list[str]) -> str:
    return "\n".join(lines)


@register.filter
def shape(sizes: list[int | str | None] | None) -> str:
    """`any × 4`, `batch × 3 × 224`; "one value" for no dimension, a dash where nothing is known."""
    if sizes is None:
        return "–"
    return " × ".join(gettext("any") if size is None else str(size) for size in sizes) or gettext("one value")


@register.filter
def libraries(facts: dict) -> list[str]:
    """`scikit-learn 1.9.1`, each library once, with its version where the files tell it."""
    versions = facts.get("versions", {})
    names = dict.fromkeys([*facts.get("libraries", []), *versions])
    return [f"{name} {versions[name]}" if name in versions else name for name in names]


@register.filter
def pairs(mapping: dict) -> list[tuple[str, object]]:
    """Where `.items` would find a key of that name first."""
    return list(mapping.items())
