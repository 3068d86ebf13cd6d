"""Finding versions: tags that must all hold, text, newest first, by keyset pages."""

from django.db.models import Max, Q, QuerySet

from registry.models import HEAD, ModelVersion
from registry.query import Query, Term
from workspaces.models import User, Workspace
from workspaces.paging import Page, page_of


def matching(
    *, user: User, workspace: Workspace, query: Query, properties: list[Term] = (), name: str = "", framework: str = ""
) -> QuerySet[ModelVersion]:
    """The versions for which every term of the query holds."""
    found = ModelVersion.objects.visible_to(user).filter(workspace=workspace)
    if name:
        found = found.filter(model__name=name)
    if framework:
        found = found.filter(framework=framework)
    for term in query.terms:
        found = found.filter(_condition(term))
    for term in properties:
        found = found.filter(_has("properties", term))
    return found


def _condition(term: Term) -> Q:
    if term.key:
        return _has("tags", term)
    return Q(model__name__icontains=term.value) | Q(description__icontains=term.value)


def _has(relation: str, term: Term) -> Q:
    """A subquery per term, so that several terms may hold in several rows of `relation`."""
    rows = ModelVersion._meta.get_field(relation).related_model.objects.filter(key=term.key)
    if term.value:
        rows = rows.filter(value_head=term.value[:HEAD], value=term.value)
    return Q(pk__in=rows.values("version_id"))


def newest_per_model(versions: QuerySet[ModelVersion]) -> QuerySet[ModelVersion]:
    """Of each model only its newest version among `versions`."""
    newest = versions.order_by().values("model_id").annotate(newest=Max("id")).values("newest")
    return ModelVersion.objects.filter(pk__in=newest)


def page(versions: QuerySet[ModelVersion], *, cursor: str = "", limit: int = 50) -> Page[ModelVersion]:
    """Newest first, with all that a list shows. Raises Invalid for a cursor that this list never gave out."""
    shown = versions.select_related("model", "created_by").prefetch_related("tags", "properties")
    return page_of(shown, cursor=cursor, limit=limit)
