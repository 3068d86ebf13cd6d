"""Addresses that the registry's pages link to."""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from registry.finding.tree import Leaf, written
from registry.models import ModelVersion, Tag, VersionFile
from workspaces.models import Workspace

register = template.Library()
_TAGS_IN_SIGHT = 2


@register.simple_tag
def tag_links(workspace: Workspace, tags: Iterable[Tag]) -> SafeString:
    """Chips that lead to the models of the same tag: two in sight, the others behind "n more"."""
    chips = [_tag_link(workspace.name, tag.key, tag.value) for tag in tags]
    first, others = chips[:_TAGS_IN_SIGHT], chips[_TAGS_IN_SIGHT:]
    more = ""
    if others:
        more = format_html(
            '<details class="more-tags"><summary class="chip-more">{}</summary>'
            '<span class="cluster">{}</span></details>',
            gettext("%(n)s more") % {"n": len(others)},
            mark_safe("".join(others)),
        )
    return format_html('<span class="cluster tag-links">{}{}</span>', mark_safe("".join(first)), more)


@lru_cache(maxsize=4096)
def _tag_link(workspace: str, key: str, value: str) -> SafeString:
    """Kept, for a page shows the same few tags over and over, and draws them longer than all the rest of its rows."""
    query = written(Leaf("tag", key, values=(value,)))
    return format_html(
        '<a class="chip" href="{}"><span class="key">{}=</span><span class="value">{}</span></a>',
        f"{reverse('registry:models', args=[workspace])}?{urlencode({'q': query})}",
        key,
        value,
    )


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
