"""Parts of the models page: its addresses, its counts, its sortable headings."""

from hashlib import blake2s

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registry.finding import Count
from registry.models import SavedView
from registry.views.addresses import address_of

register = template.Library()
# Which way a heading sorts when it is pressed first.
_DOWN_FIRST = ("registered", "size", "version", "metric.")
_ORDERS = {
    "-registered": gettext_lazy("Newest first"),
    "registered": gettext_lazy("Oldest first"),
    "name": gettext_lazy("Name, A to Z"),
    "-name": gettext_lazy("Name, Z to A"),
    "-version": gettext_lazy("Most versions"),
    "-size": gettext_lazy("Largest first"),
    "size": gettext_lazy("Smallest first"),
}


@register.simple_tag(takes_context=True)
def list_url(context: template.Context, q: str | None = None, sort: str | None = None, cursor: str = "") -> str:
    """The models page with another query or order; what is not given stays as it is."""
    text = context["listing"].query.text if q is None else str(q)
    order = context["request"].GET.get("sort", "") if sort is None else sort
    return address_of(context["workspace"], text, order, cursor=cursor)


@register.inclusion_tag("registry/_heading.html", takes_context=True)
def heading(context: template.Context, word: str, title: str, css: str = "") -> dict[str, object]:
    """A column's heading that sorts by `word`; pressed again, the other way round."""
    current = context["listing"].sort
    down = current == f"-{word}"
    first = f"-{word}" if word.startswith(_DOWN_FIRST) else word
    turned = {word: f"-{word}", f"-{word}": word}.get(current, first)
    direction = ("descending" if down else "ascending") if current.removeprefix("-") == word else ""
    return {"title": title, "css": css, "direction": direction, "url": list_url(context, sort=turned)}


@register.simple_tag(takes_context=True)
def orders(context: template.Context) -> list[tuple[str, str, str]]:
    """What the list can be sorted by: the word, its name, the address."""
    words = [*_ORDERS, *(f"{sign}metric.{metric}" for metric in context["table"].metrics for sign in ("-", ""))]
    return [(word, order_name(word), list_url(context, sort=word)) for word in words]


@register.filter
def order_name(word: str) -> str:
    """`Largest first` for `-size`, `Highest acc` for `-metric.acc`."""
    down, _metric, metric = word.partition("metric.")
    if metric:
        return (_("Highest %s") if down else _("Lowest %s")) % metric
    return str(_ORDERS.get(word, word))


@register.filter
def thousands(number: int) -> str:
    return f"{number:,}"


@register.filter
def short_count(count: object) -> str:
    """Of anything with `count` or `number` and `capped`: `1,204`, or `10,000+` where nobody counted on."""
    number = count.number if isinstance(count, Count) else count.count
    return f"{number:,}{'+' if count.capped else ''}"


@register.filter
def in_words(count: Count) -> str:
    """`1 model`, `1,204 models`, `more than 10,000 models`."""
    number = f"{count.number:,}"
    if count.capped:
        return _("more than %(number)s models") % {"number": number}
    return ngettext("%(number)s model", "%(number)s models", count.number) % {"number": number}


@register.simple_tag
def mark(*parts: str) -> str:
    """A short name for what the parts name, fit for an id."""
    return blake2s("\0".join(map(str, parts)).encode(), digest_size=5).hexdigest()


@register.filter
def metric(version: object, key: str) -> float | None:
    return version.metric_map.get(key)


@register.filter
def number(value: float | None) -> str:
    """A metric as people compare it: five digits, no trailing noughts."""
    return "–" if value is None else f"{value:.5g}"


@register.simple_tag(takes_context=True)
def view_url(context: template.Context, view: SavedView) -> str:
    """The models page as the saved view shows it."""
    return address_of(context["workspace"], view.query, view.sort)
