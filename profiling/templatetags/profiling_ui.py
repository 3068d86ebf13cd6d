"""What pages of other rooms show of profiles."""

from django import template

from profiling.models import Profile
from profiling.offers import newest_of
from profiling.pages.listing import Told
from registry.models import ModelVersion

register = template.Library()


@register.inclusion_tag("profiling/_version_card.html", takes_context=True)
def profile_card(context: template.Context, version: ModelVersion) -> dict[str, object]:
    """The card of a version's profiles: what the newest that succeeded recommends, and the newest if it is another."""
    best = newest_of(version)
    newest = Profile.objects.filter(model_links__version=version).order_by("-pk").first()
    return {
        "workspace": context["workspace"],
        "can_write": context["shell"]["can_write"],
        "version": version,
        "best": best,
        "told": Told.of(best.recommendation) if best else None,
        "newest": newest if newest != best else None,
    }
