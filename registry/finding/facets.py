"""What the models found have in common, with counts."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count

from registry.finding.among import among
from registry.finding.conditions import Asker, using_links
from registry.finding.query import Chip, Query
from registry.finding.search import Search
from registry.finding.tree import Leaf, Not, quoted_key
from registry.finding.words import SHORT_FRAMEWORKS, STAGES
from registry.models import Alias, Framework, ModelVersion, Risk, Stage, Tag
from workspaces.models import User, Workspace

# Counted are the newest matches; with more of them, every count means "at least".
SAMPLE = 10_000
# Which keys are worth a facet is told from the newest of these.
_KEYS_SAMPLE = 300
MAX_KEYS = 6
MAX_VALUES = 10
_SHORT_STAGES = {stage: short for short, stage in STAGES.items()}


@dataclass(frozen=True, slots=True)
class FacetValue:
    """`text` is the query after clicking the value: with it when it is not `chosen`, without it when it is."""

    value: str
    label: str
    count: int
    capped: bool
    chosen: bool
    text: str


@dataclass(frozen=True, slots=True)
class Facet:
    """`key` is a tag's key with `=` behind it, or a word of the grammar with `:` (`framework:`, `stage:`)."""

    key: str
    title: str
    values: list[FacetValue]


@dataclass(slots=True)
class _Sample:
    """The newest matches of one search, and what is read of them."""

    ids: list[int]
    capped: bool
    _columns: dict[str, Counter] = field(default_factory=dict)

    @classmethod
    def of(cls, search: Search) -> "_Sample":
        pairs, more = search.newest_ids(SAMPLE)
        return cls([version for version, _ in pairs], more)

    def columns(self) -> dict[str, Counter]:
        """Counts of each value of the columns that have facets, from one pass."""
        if not self._columns:
            names = ("framework", "stage", "risk", "created_by__username")
            rows = ModelVersion.objects.filter(among(self.ids)).order_by().values_list(*names)
            self._columns = {name: Counter() for name in names}
            for *values, count in rows.annotate(count=Count("pk")):
                for name, value in zip(names, values, strict=True):
                    self._columns[name][value] += count
        return self._columns

    def tags(self, keys: list[str]) -> dict[str, Counter]:
        found: dict[str, Counter] = {key: Counter() for key in keys}
        rows = Tag.objects.filter(among(self.ids, "version"), key__in=keys).order_by()
        for key, value, count in rows.values_list("key", "value").annotate(count=Count("pk")):
            found[key][value] = count
        return found

    def aliases(self) -> Counter:
        rows = Alias.objects.filter(among(self.ids, "version")).order_by().values_list("name")
        return Counter(dict(rows.annotate(count=Count("pk"))))

    def deployed(self) -> Counter:
        used: set[int] = set()
        for rows, name in using_links():
            used.update(rows.filter(among(self.ids, name)).values_list(f"{name}_id", flat=True).distinct())
        return Counter({"deployed": len(used), "not deployed": len(self.ids) - len(used)})


def facets(*, user: User, workspace: Workspace, query: Query) -> list[Facet]:
    """The commonest tags' keys, then what every version has. Facets with nothing to choose are left out."""
    asker = Asker(user, workspace)
    if not asker.is_member:
        return []
    return [facet for facet in _Facets(asker, query).all() if facet.values]


class _Facets:
    def __init__(self, asker: Asker, query: Query) -> None:
        self.asker = asker
        self.query = query
        self.sample = _Sample.of(Search.of(asker, query))
        self._samples: dict[Chip, _Sample] = {}

    def all(self) -> list[Facet]:
        return [
            *self._tags(),
            self._column("framework", "Framework", SHORT_FRAMEWORKS, dict(Framework.choices)),
            self._column("stage", "Stage", _SHORT_STAGES, dict(Stage.choices)),
            self._facet("alias", "", "Alias", self._sample_for("alias", "").aliases(), {}),
            self._deployed(),
            self._column("owner", "Owner", {}, {}, column="created_by__username"),
            self._column("risk", "Pickle", {}, dict(Risk.choices)),
        ]

    def _chip(self, kind: str, key: str) -> Chip | None:
        """The chip that chooses values of this facet."""
        for chip in self.query.chips:
            node = chip.node
            if isinstance(node, Leaf) and (node.kind, node.key, node.op) == (kind, key, "="):
                return chip
        return None

    def _sample_for(self, kind: str, key: str) -> _Sample:
        """What is counted for a facet: within it values are alternatives, so its own choice does not narrow it."""
        chip = self._chip(kind, key)
        if not chip:
            return self.sample
        if chip not in self._samples:
            rest = [other.node for other in self.query.chips if other != chip]
            search = Search(self.asker, rest)
            if kind == "stage":
                search.nodes = rest
            self._samples[chip] = _Sample.of(search)
        return self._samples[chip]

    def _column(self, kind: str, title: str, short: dict, labels: dict, *, column: str = "") -> Facet:
        counts = Counter()
        for value, count in self._sample_for(kind, "").columns()[column or kind].items():
            if value:
                counts[short.get(value, value)] += count
        return self._facet(kind, "", title, counts, {short.get(value, value): text for value, text in labels.items()})

    def _tags(self) -> list[Facet]:
        chosen = [leaf.key for chip in self.query.chips if (leaf := _tag_of(chip))]
        keys = list(dict.fromkeys([*chosen, *self._common_keys()]))[: max(MAX_KEYS, len(chosen))]
        shared = self.sample.tags([key for key in keys if key not in chosen])
        counts = {key: shared.get(key) or self._sample_for("tag", key).tags([key])[key] for key in keys}
        return [self._facet("tag", key, key, counts[key], {}) for key in keys]

    def _common_keys(self) -> list[str]:
        """Keys that many of the newest carry, unless nearly every one has a value of its own."""
        rows = Tag.objects.filter(version__in=self.sample.ids[:_KEYS_SAMPLE]).order_by().values_list("key")
        found = rows.annotate(count=Count("pk"), different=Count("value", distinct=True))
        useful = [(key, count) for key, count, different in found if different <= max(MAX_VALUES, count // 3)]
        return [key for key, _ in sorted(useful, key=lambda pair: (-pair[1], pair[0]))[:MAX_KEYS]]

    def _facet(self, kind: str, key: str, title: str, counts: Counter, labels: dict) -> Facet:
        chip = self._chip(kind, key)
        chosen = chip.node.values if chip else ()
        shown = [value for value, _ in counts.most_common(MAX_VALUES)]
        shown += [value for value in chosen if value not in shown]
        values = [
            FacetValue(
                value=value,
                label=str(labels.get(value, value)),
                count=counts[value],
                capped=self._sample_for(kind, key).capped,
                chosen=value in chosen,
                text=self._toggled(kind, key, chip, value),
            )
            for value in shown
        ]
        return Facet(f"{quoted_key(key)}=" if kind == "tag" else f"{kind}:", title, values)

    def _toggled(self, kind: str, key: str, chip: Chip | None, value: str) -> str:
        chosen = chip.node.values if chip else ()
        values = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
        return self.query.replaced(chip, Leaf(kind, key, "=", values) if values else None)

    def _deployed(self) -> Facet:
        leaf = Leaf("is", values=("deployed",))
        nodes = {"deployed": leaf, "not deployed": Not(leaf)}
        chips = {name: next((c for c in self.query.chips if c.node == node), None) for name, node in nodes.items()}
        chip = chips["deployed"] or chips["not deployed"]
        sample = self.sample
        if chip:
            sample = _Sample.of(Search(self.asker, [c.node for c in self.query.chips if c != chip]))
        counts = sample.deployed()
        values = [
            FacetValue(
                value=name,
                label=name.capitalize(),
                count=counts[name],
                capped=sample.capped,
                chosen=chips[name] is not None,
                text=self.query.replaced(chip, None if chips[name] else node),
            )
            for name, node in nodes.items()
        ]
        return Facet("is:", "Deployed", values if counts["deployed"] or chip else [])


def _tag_of(chip: Chip) -> Leaf | None:
    node = chip.node
    return node if isinstance(node, Leaf) and node.kind == "tag" and node.op == "=" else None
