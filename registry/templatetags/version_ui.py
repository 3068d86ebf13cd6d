"""Parts of the pages of models and versions: addresses, numbers, what was done."""

import re
from urllib.parse import quote, urlsplit

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from registry.models import Activity, ModelVersion
from registry.pages.charts import number
from registry.services.activity import Verb, sentence
from registry.services.comparing import Number
from workspaces.models import Workspace

register = template.Library()
_ICONS = {
    Verb.REGISTERED: "plus",
    Verb.CHANGED: "pencil",
    Verb.STAGED: "flag",
    Verb.ARCHIVED: "archive",
    Verb.UNARCHIVED: "archive-off",
    Verb.ALIAS_SET: "bookmark",
    Verb.ALIAS_MOVED: "bookmark",
    Verb.ALIAS_REMOVED: "bookmark",
    Verb.DELETED: "trash",
    Verb.DEPLOYED: "rocket",
    Verb.UNDEPLOYED: "player-stop",
}
LONG = 90
LONG_HEAD = 60
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}\Z")

register.filter("metric_number", number)


@register.simple_tag
def archive_url(workspace: Workspace, version: ModelVersion) -> str:
    """All files of the version in one."""
    return f"/api/v1/workspaces/{workspace.name}/models/{quote(version.name)}/versions/{version.version}/archive"


@register.simple_tag
def long(text: str) -> SafeString | str:
    """The text, or its beginning and the rest behind how long it is."""
    if len(text) <= LONG:
        return text
    told = _("all %(n)s characters") % {"n": len(text)}
    return format_html(
        '<details class="long"><summary><span class="long-head">{}… </span>'
        '<span class="long-more">{}</span></summary>{}</details>',
        text[:LONG_HEAD],
        told,
        text,
    )


@register.filter
def git_url(version: ModelVersion) -> str:
    """The repository's address when a browser can open it; empty for `git@…`, paths and anything else."""
    text = version.git_repository.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.hostname else ""


@register.filter
def commit_url(version: ModelVersion) -> str:
    """Where GitHub, GitLab and Gitea show the commit; empty when there is no such place."""
    address = git_url(version)
    if not address or not _COMMIT.match(version.git_commit):
        return ""
    return f"{address.rstrip('/').removesuffix('.git')}/commit/{version.git_commit}"


@register.filter
def short_of(cell: Number, cells: list[Number | None]) -> str:
    """A number as people read it, or all of it where it would then look like another one of its row."""
    others = {number(other.value) for other in cells if other is not None and other != cell}
    short = number(cell.value)
    return str(cell) if short in others else short


@register.filter
def told(activity: Activity) -> str:
    """What was done, without who did it."""
    return sentence(activity)


@register.filter
def verb_icon(activity: Activity) -> str:
    return _ICONS.get(activity.verb, "history")
