"""What the models found have in common, with counts."""

from collections import Counter
from dataclasses import dataclass
from functools import partial

from registry.finding.conditions import Asker
from registry.finding.query import Chip, Query
from registry.finding.samples import COLUMNS, Question, Rows, Sample, answers, samples_of
from registry.finding.search import COUNT_STEPS, Search
from registry.finding.tree import Leaf, Node, Not, quoted_key
from registry.finding.words import SHORT_FRAMEWORKS, STAGES
from registry.models import Framework, Risk, Stage
from workspaces.models import User, Workspace

# Counted are the newest matches; with more of them, every count means "at least".
SAMPLE = COUNT_STEPS
# Which keys are worth a facet is told from the newest of these.
_KEYS_SAMPLE = 300
MAX_KEYS = 6
MAX_VALUES = 10
_SHORT_STAGES = {stage: short for short, stage in STAGES.items()}
_COLUMN_OF = {"framework": "framework", "stage": "stage", "owner": "created_by__username", "risk": "risk"}
_DEPLOYED = Leaf("is", values=("deployed",))
_STATES = {"deployed": _DEPLOYED, "not deployed": Not(_DEPLOYED)}


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


def facets(*, user: User, workspace: Workspace, query: Query) -> list[Facet]:
    """The commonest tags' keys, then what every version has. Facets with nothing to choose are left out."""
    return facets_of(Search.of(Asker(user, workspace), query), query)


def facets_of(search: Search, query: Query) -> list[Facet]:
    """The same beside a list: what is read for them, the search need not read again."""
    if not search.asker.is_member:
        return []
    return [facet for facet in _Facets(search, query).all() if facet.values]


class _Facets:
    """Within a facet values are alternatives: its own choice does not narrow it, so that its values are counted
    among what the rest of the query finds."""

    def __init__(self, search: Search, query: Query) -> None:
        self.asker = search.asker
        self.query = query
        self.chosen_keys = list(dict.fromkeys(leaf.key for leaf in map(_tag_of, query.chips) if leaf))
        self.samples = self._samples(search)
        self.keys = self._keys()
        self.rows = answers(self._questions())

    def all(self) -> list[Facet]:
        return [
            *(self._facet("tag", key, key, self._tag_counts(key), {}) for key in self.keys),
            self._column("framework", "Framework", SHORT_FRAMEWORKS, dict(Framework.choices)),
            self._column("stage", "Stage", _SHORT_STAGES, dict(Stage.choices)),
            self._facet("alias", "", "Alias", Counter({name: n for name, *_, n in self._rows("alias")}), {}),
            self._deployed(),
            self._owner(),
            self._column("risk", "Pickle", {}, dict(Risk.choices)),
        ]

    def _chip(self, kind: str, key: str = "") -> Chip | None:
        """The chip that chooses values of this facet."""
        if kind == "is":
            return next((chip for chip in self.query.chips if chip.node in _STATES.values()), None)
        for chip in self.query.chips:
            node = chip.node
            if isinstance(node, Leaf) and (node.kind, node.key, node.op) == (kind, key, "="):
                return chip
        return None

    def _sample_for(self, kind: str, key: str = "") -> Sample:
        return self.samples[self._chip(kind, key)]

    def _samples(self, search: Search) -> dict[Chip | None, Sample]:
        """Of the query, and of the rest of it for each chip that chooses."""
        chips = [self._chip(kind) for kind in (*_COLUMN_OF, "alias", "is")]
        chips += [self._chip("tag", key) for key in self.chosen_keys]
        chosen = [chip for chip in chips if chip]
        searches = [search, *(self._rest(search, chip) for chip in chosen)]
        return dict(zip([None, *chosen], samples_of(searches, SAMPLE), strict=True))

    def _rest(self, search: Search, chip: Chip) -> Search:
        nodes: list[Node] = [other.node for other in self.query.chips if other != chip]
        rest = Search(search.asker, nodes)
        if chip == self._chip("stage"):
            rest.nodes = nodes  # archived versions are among the alternatives
        return rest

    def _keys(self) -> list[str]:
        """Those chosen, then those that most of the newest carry, with the fewest values first; behind them keys of
        which each has a value of its own. What a single model carries is shown only where there is nothing else."""
        found = self.samples[None].common_keys(_KEYS_SAMPLE)
        useful = [row for row in found if row[2] <= max(MAX_VALUES, row[1] // 3)]
        useful = [row for row in useful if row[1] > 1] or useful
        useful.sort(key=lambda row: (row[1] == row[2], -row[1], row[2], row[0]))
        common = [key for key, *_ in useful[:MAX_KEYS]]
        return list(dict.fromkeys([*self.chosen_keys, *common]))[: max(MAX_KEYS, len(self.chosen_keys))]

    def _questions(self) -> dict[tuple[str, Chip | None], Question]:
        """By kind of answer and chip whose choice does not count."""
        asked: dict[tuple[str, Chip | None], Question] = {
            ("column", self._chip(kind)): self._sample_for(kind).columns for kind in _COLUMN_OF
        }
        asked["alias", self._chip("alias")] = self._sample_for("alias").aliases
        asked["is", self._chip("is")] = self._sample_for("is").used
        for key in self.chosen_keys:
            asked["tag", self._chip("tag", key)] = partial(self._sample_for("tag", key).tags, keys=[key])
        common = [key for key in self.keys if key not in self.chosen_keys]
        return asked | {("tag", None): partial(self.samples[None].tags, keys=common)}

    def _rows(self, kind: str, key: str = "") -> Rows:
        return self.rows["column" if kind in _COLUMN_OF else kind, self._chip(kind, key)]

    def _tag_counts(self, key: str) -> Counter:
        return Counter({value: count for of, value, *_, count in self._rows("tag", key) if of == key})

    def _column(self, kind: str, title: str, short: dict, labels: dict) -> Facet:
        counts = self._column_counts(kind, short)
        return self._facet(kind, "", title, counts, {short.get(value, value): text for value, text in labels.items()})

    def _column_counts(self, kind: str, short: dict) -> Counter:
        counts: Counter = Counter()
        for *values, count in self._rows(kind):
            value = values[COLUMNS.index(_COLUMN_OF[kind])]
            if value:
                counts[short.get(value, value)] += count
        return counts

    def _owner(self) -> Facet:
        """Who asks goes by the word that was chosen."""
        chip = self._chip("owner")
        me = {self.asker.user.username: "me"} if chip and "me" in chip.node.values else {}
        return self._facet("owner", "", "Owner", self._column_counts("owner", me), {})

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
        chip, sample = self._chip("is"), self._sample_for("is")
        used = len({version for *_, version in self._rows("is")})
        counts = {"deployed": used, "not deployed": len(sample.ids) - used}
        values = [
            FacetValue(
                value=name,
                label=name.capitalize(),
                count=counts[name],
                capped=sample.capped,
                chosen=bool(chip) and chip.node == node,
                text=self.query.replaced(chip, None if chip and chip.node == node else node),
            )
            for name, node in _STATES.items()
        ]
        return Facet("is:", "Deployed", values if used or chip else [])


def _tag_of(chip: Chip) -> Leaf | None:
    node = chip.node
    return node if isinstance(node, Leaf) and node.kind == "tag" and node.op == "=" else None
