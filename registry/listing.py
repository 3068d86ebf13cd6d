"""The page of models: what matches the filter box, and how to say so."""

from dataclasses import dataclass

from registry import search, services
from registry.models import Framework, ModelVersion
from registry.query import Query, Term, parse_query
from workspaces.models import User, Workspace


@dataclass(frozen=True, slots=True)
class Chip:
    """One term of the filter, and the filter without it."""

    term: Term
    rest: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """With nothing found: leaving out `term` gives `count`."""

    term: Term
    rest: str
    count: int


@dataclass(frozen=True, slots=True)
class Listing:
    text: str
    query: Query
    framework: str
    page: search.Page
    count: int
    chips: list[Chip]
    ways_out: list[WayOut]

    @property
    def filtered(self) -> bool:
        return bool(self.query.terms or self.framework)


def list_models(*, user: User, workspace: Workspace, text: str, framework: str = "", cursor: str = "") -> Listing:
    """The newest matching version of every model. `text` is what was typed, understood as far as it can be."""
    query = parse_query(text)
    framework = framework if framework in Framework.values else ""
    found = _found(user, workspace, query, framework)
    count = found.count()
    page = search.page(found, cursor=cursor)
    mark_use(page.rows)
    return Listing(
        text=text,
        query=query,
        framework=framework,
        page=page,
        count=count,
        chips=[Chip(term, str(query.without(term))) for term in query.terms],
        ways_out=[] if count else _ways_out(user, workspace, query, framework),
    )


def _found(user: User, workspace: Workspace, query: Query, framework: str):
    return search.newest_per_model(search.matching(user=user, workspace=workspace, query=query, framework=framework))


def _ways_out(user: User, workspace: Workspace, query: Query, framework: str) -> list[WayOut]:
    """Each term left out in turn, the most fruitful first."""
    without = [(term, query.without(term)) for term in query.terms[:8]]
    tried = [WayOut(term, str(rest), _found(user, workspace, rest, framework).count()) for term, rest in without]
    return sorted((way for way in tried if way.count), key=lambda way: -way.count)


def mark_use(versions: list[ModelVersion]) -> None:
    """Gives each version its `used_by`: names of the services that use it."""
    users = services.users_by_version(versions)
    for version in versions:
        version.used_by = users[version.pk]


def models_there_are(*, user: User, workspace: Workspace) -> bool:
    return ModelVersion.objects.visible_to(user).filter(workspace=workspace).exists()
