"""Addresses that the registry's pages link to."""

from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.http import urlencode

from registry.models import ModelVersion, Tag, VersionFile
from registry.query import Term
from workspaces.models import Workspace

register = template.Library()


@register.simple_tag
def tag_url(workspace: Workspace, tag: Tag) -> str:
    """The list of models that carry the same tag."""
    return f"{reverse('registry:models', args=[workspace.name])}?{urlencode({'q': Term(tag.key, tag.value)})}"


@register.simple_tag
def file_url(workspace: Workspace, version: ModelVersion, file: VersionFile) -> str:
    """The file's bytes, as REST serves them."""
    name = quote(version.name)
    return f"/api/v1/workspaces/{workspace.name}/models/{name}/versions/{version.version}/files/{quote(file.path)}"


@register.filter
def join_lines(lines: list[str]) -> str:
    return "\n".join(lines)
