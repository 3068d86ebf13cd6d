"""Parts of pages that are smaller than a template: icons, statuses, times, sizes, form fields."""

from datetime import datetime, timedelta

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

register = template.Library()

# What the API says -> word for people, icon, tone, motion. One set of names on every page.
STATUS = {
    "queued": (gettext_lazy("Queued"), "clock", "quiet", ""),
    "building": (gettext_lazy("Building"), "hammer", "busy", "icon-tap"),
    "starting": (gettext_lazy("Starting"), "circle-half-2", "busy", "icon-spin"),
    "checking": (gettext_lazy("Checking"), "heartbeat", "busy", ""),
    "live": (gettext_lazy("Live"), "check", "good", ""),
    "failed": (gettext_lazy("Failed"), "x", "bad", ""),
    "cancelled": (gettext_lazy("Cancelled"), "ban", "quiet", ""),
    "transitioning": (gettext_lazy("Starting"), "circle-half-2", "busy", "icon-spin"),
    "healthy": (gettext_lazy("Live"), "check", "good", ""),
    "unhealthy": (gettext_lazy("Not responding"), "alert-triangle", "warn", ""),
    "unschedulable": (gettext_lazy("No room"), "stack-2", "warn", ""),
    "deleting": (gettext_lazy("Deleting"), "trash", "busy", ""),
    "waiting": (gettext_lazy("Waiting"), "circle-dashed", "quiet", ""),
    "running": (gettext_lazy("Running"), "circle-half-2", "busy", "icon-spin"),
    "done": (gettext_lazy("Done"), "check", "good", ""),
    "skipped": (gettext_lazy("Skipped"), "circle-minus", "quiet", ""),
    # Of replicas; `waiting`, `running` and `starting` are above.
    "ready": (gettext_lazy("Ready"), "check", "good", ""),
    "pulling": (gettext_lazy("Pulling image"), "download", "busy", ""),
    "crashed": (gettext_lazy("Crashed"), "x", "bad", ""),
    "evicted": (gettext_lazy("Evicted"), "ban", "warn", ""),
    "stopping": (gettext_lazy("Stopping"), "player-stop", "quiet", ""),
    # Of profiles; `queued`, `failed` and `cancelled` are above.
    "preparing": (gettext_lazy("Preparing"), "hammer", "busy", "icon-tap"),
    "measuring": (gettext_lazy("Measuring"), "heartbeat", "busy", ""),
    "succeeded": (gettext_lazy("Measured"), "check", "good", ""),
    "available": (gettext_lazy("Available"), "check", "good", ""),
    "unavailable": (gettext_lazy("Not available"), "ban", "warn", ""),
}


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite, hidden from assistive technology: the words beside it say the same."""
    sprite = static("vendor/icons.svg")
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        sprite,
        name,
    )


@register.simple_tag
def status(value: str) -> SafeString:
    """The badge of an API state: `{% status service.state %}`."""
    word, name, tone, motion = STATUS[str(value).lower()]
    return badge(word, name, tone, motion)


@register.simple_tag
def badge(word: str, name: str, tone: str = "quiet", motion: str = "") -> SafeString:
    """Icon, word and colour; tone is good, bad, warn, busy or quiet."""
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, icon(name, motion), word)


@register.simple_tag
def ago(moment: datetime | None, otherwise: str = "–") -> SafeString | str:
    """A `<time>`: relative words here, kept fresh and told in local time by static/js/times.js."""
    if moment is None:
        return otherwise
    exact = moment.astimezone(timezone.get_current_timezone())
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>',
        exact.isoformat(timespec="milliseconds"),
        exact.strftime("%Y-%m-%d %H:%M:%S %Z"),
        relative(timezone.now() - moment),
    )


def relative(passed: timedelta) -> str:
    seconds = passed.total_seconds()
    if seconds < 45:
        return _("just now")
    if seconds >= 86400:
        n = round(seconds / 86400)
        return ngettext("%(n)d day ago", "%(n)d days ago", n) % {"n": n}
    if seconds >= 3600:
        n = round(seconds / 3600)
        return ngettext("%(n)d hour ago", "%(n)d hours ago", n) % {"n": n}
    n = max(1, round(seconds / 60))
    return ngettext("%(n)d minute ago", "%(n)d minutes ago", n) % {"n": n}


@register.filter
def size(n: int | None) -> str:
    """Bytes as people read them, in powers of 1000: `1.4 MB`."""
    if n is None:
        return "–"
    if n == 1:
        return "1 byte"
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if n < 1000 or unit == "TB":
            break
        n /= 1000
    return f"{n:.0f} {unit}" if n >= 100 or unit == "bytes" else f"{n:.1f} {unit}"


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """`0.4 s`, `12 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds is None:
        return "–"
    if isinstance(seconds, timedelta):
        seconds = seconds.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left:02} min" if hours else f"{minutes} min {rest:02} s"


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, hint: str = "") -> dict[str, object]:
    """A form's field with its label, hint and errors, each tied to the control."""
    described = [f"{bound.auto_id}-error"] * bool(bound.errors) + [f"{bound.auto_id}-hint"] * bool(
        hint or bound.help_text
    )
    attributes = {"class": "form-control"}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return {"field": bound, "control": bound.as_widget(attrs=attributes), "hint": hint or bound.help_text}


@register.inclusion_tag("components/code.html")
def code(text: str, label: str = "") -> dict[str, str]:
    """Text to copy, with the button that copies it; `label` names it for assistive technology."""
    return {"text": text, "label": label or _("Copy")}


@register.inclusion_tag("components/copy.html")
def copy(text: str, label: str = "") -> dict[str, str]:
    """Only the button: `{% copy version.reference "Copy the name" %}`."""
    return {"text": text, "label": label or _("Copy")}
