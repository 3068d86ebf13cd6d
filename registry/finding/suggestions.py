"""What could be written next."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Max

from registry.finding import distinct, text_index
from registry.finding.among import among
from registry.finding.conditions import LABELS, Asker
from registry.finding.query import MAX_LENGTH, parse_query
from registry.finding.samples import samples_of
from registry.finding.search import Search
from registry.finding.tokens import QUOTED, Token, cleaned, tokens_of, words_of
from registry.finding.tree import PREFIXES, has_value, quoted_key, quoted_value
from registry.finding.words import FRAMEWORKS, QUALIFIERS, RISKS, STAGES, STATES
from registry.models import Framework, Metric, Model, Parameter, Risk, Tag
from workspaces.models import User, Workspace

MOST = 10
# Values are counted among the newest matches of the rest of the query.
_SAMPLE = 2_000
# A key's versions are counted so far.
_COUNTED = 1_000
_MEANING = {
    "has": "has the tag at all",
    "alias": "an alias points to it",
    "stage": "none, staging, production, archived",
    "is": "deployed, profiled, archived, unsafe, pickle",
    "owner": "who registered it; me",
    "framework": "sklearn, onnx, mlflow, …",
    "risk": "of its pickles",
    "created": ">2026-01-01, <30d",
    "version": ">=2",
    "name": "the model's name holds",
    "run": "made by this run",
    "dataset": "trained or tested with it",
}
_STATES = {
    "deployed": "a service uses it",
    "profiled": "measured, with a size to ask for",
    "archived": "put away",
    "unsafe": "a pickle that runs commands",
    "pickle": "reading it runs code",
}
_AGES = {"<7d": "the last week", "<30d": "the last 30 days", "<1y": "the last year", ">1y": "older than a year"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`insert` replaces the text being written; `count` is how many have it, None where nobody counts."""

    insert: str
    label: str
    detail: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """They replace `text[start:end]`."""

    start: int
    end: int
    items: list[Suggestion]


def suggest(*, user: User, workspace: Workspace, text: str, caret: int) -> Suggestions:
    """For the word that ends at the caret, whatever stands around it."""
    asker = Asker(user, workspace)
    typed = cleaned(text)[:MAX_LENGTH]
    caret = max(0, min(caret, len(typed)))
    if not asker.is_member:
        return Suggestions(caret, caret, [])
    word, end = _word_at(typed, caret)
    start = word.start if word else caret
    rest = f"{typed[:start]} {typed[end:]}"
    found = _Words(asker, rest, word).all()
    items: dict[str, Suggestion] = {}
    for item in found:
        if item.insert != typed[start:end]:
            items.setdefault(item.insert, item)
        if len(items) == MOST:
            break
    return Suggestions(start, end, list(items.values()))


def _word_at(text: str, caret: int) -> tuple[Token | None, int]:
    """The word written up to the caret, None between words; and where it ends behind the caret."""
    before = tokens_of(text[:caret])[0]
    last = before[-1] if before else None
    if last is None or last.kind != "word" or last.keyword:
        return None, caret
    found = last.operator
    open_ended = bool(found and found.start() and found.end() == len(last.shape))
    if last.end < caret and not open_ended:
        return None, caret
    around = next((token for token in words_of(text)[0] if token.start < caret < token.end), None)
    return last, around.end if around else caret


class _Words:
    def __init__(self, asker: Asker, rest: str, word: Token | None) -> None:
        self.asker = asker
        self.rest = rest
        found = word.operator if word else None
        at = found.start() if found else 0
        self.key = word.text[:at].replace("\x01", "") if at else ""
        self.bare = bool(at) and QUOTED not in word.shape[:at]
        self.op = found[0] if at else ""
        tail = (word.text[found.end() :] if at else word.text if word else "").replace("\x01", "")
        shape = word.shape[found.end() :] if at else ""
        comma = shape.rfind(",") + 1
        # Values before the last comma stay as they are.
        self.kept = [quoted_value(value) for value in tail[:comma].split(",") if value]
        self.typed = tail[comma:].lstrip("*")

    def all(self) -> Iterator[Suggestion]:
        if not self.op:
            yield from self._keys()
            return
        word = self.key.lower() if self.bare else ""
        if self.op == ":" and word in QUALIFIERS:
            yield from self._of_word(word)
        elif word == "name" and self.op == "=":
            yield from self._names("name=")
        elif self.op in {"=", "!=", "~", ":"}:
            yield from self._values()

    def _fits(self, text: str) -> bool:
        return self.typed.casefold() in text.casefold()

    def _sorted(self, texts: list[str]) -> list[str]:
        """Those that hold what was typed; first those that begin with it."""
        typed = self.typed.casefold()
        return sorted(filter(self._fits, texts), key=lambda text: not text.casefold().startswith(typed))

    def _insert(self, head: str, value: str) -> str:
        return head + ",".join([*self.kept, value])

    def _keys(self) -> Iterator[Suggestion]:
        place = self.asker.workspace.pk
        keys = self._sorted(distinct.keys(Tag, place))[: MOST - 3]
        begun = [key for key in keys if key.casefold().startswith(self.typed.casefold())]
        # Tab takes the first: people's own keys come before the words of the grammar that begin alike.
        yield from map(self._tag, begun)
        yield from self._starts()
        yield from map(self._tag, keys[len(begun) :])
        for model, prefix, op, detail in ((Metric, "metric.", ">", "metric"), (Parameter, "param.", "=", "parameter")):
            for name in self._sorted([prefix + key for key in distinct.keys(model, place)])[:3]:
                key = name.removeprefix(prefix)
                yield Suggestion(f"{prefix}{quoted_key(key)}{op}", name, detail, self._carriers(model, key))

    def _starts(self) -> Iterator[Suggestion]:
        """Words of the grammar that begin as what was typed does, and the states by their own names."""
        typed = self.typed.casefold()
        for word in QUALIFIERS:
            if word.startswith(typed):
                yield Suggestion(f"{word}:", f"{word}:", _MEANING[word])
        for state in STATES if typed else ():
            if state.startswith(typed):
                yield Suggestion(f"is:{state}", f"is:{state}", _STATES[state])

    def _tag(self, key: str) -> Suggestion:
        return Suggestion(f"{quoted_key(key)}=", key, "tag", self._carriers(Tag, key))

    def _carriers(self, model, key: str) -> int:
        return model.objects.filter(workspace=self.asker.workspace, key=key).order_by()[:_COUNTED].count()

    def _of_word(self, word: str) -> Iterator[Suggestion]:
        choices = {
            "stage": dict.fromkeys(STAGES, ""),
            "is": _STATES,
            "framework": {short: Framework(name).label for short, name in FRAMEWORKS.items()},
            "risk": {name: Risk(name).label for name in RISKS},
            "created": _AGES,
        }
        if word in choices:
            for value in self._sorted(list(choices[word])):
                yield Suggestion(self._insert(f"{word}:", value), value, str(choices[word][value]))
        elif word == "has":
            for key in self._sorted(distinct.keys(Tag, self.asker.workspace.pk)):
                yield Suggestion(self._insert("has:", has_value("tag", key)), key, "tag", self._carriers(Tag, key))
        elif word == "alias":
            for name in self._sorted(distinct.aliases(self.asker.workspace.pk)):
                yield Suggestion(self._insert("alias:", quoted_value(name)), name, "alias")
        elif word == "owner":
            members = self.asker.workspace.members.order_by("username").values_list("username", flat=True)
            for name in self._sorted(["me", *members[:200]]):
                yield Suggestion(self._insert("owner:", quoted_value(name)), name, "you" if name == "me" else "member")
        elif word == "name":
            yield from self._names("name:")

    def _names(self, head: str) -> Iterator[Suggestion]:
        models = Model.objects.filter(workspace=self.asker.workspace)
        if len(self.typed) >= text_index.LEAST:
            models = text_index.models_named(self.asker.workspace, self.typed)
            names = sorted(models.values_list("name", flat=True)[: 20 * MOST])
        else:
            names = list(models.filter(name__gte=self.typed).order_by("name").values_list("name", flat=True)[:MOST])
        for name in self._sorted(names):
            yield Suggestion(self._insert(head, quoted_value(name)), name, "model")

    def _values(self) -> Iterator[Suggestion]:
        """Values under the rest of the query, those used last first; then others there are."""
        kind, key = "tag", self.key
        for other, prefix in PREFIXES.items():
            if self.bare and self.key.lower().startswith(prefix):
                kind, key = other, self.key[len(prefix) :]
        if kind not in LABELS:
            return
        head = (PREFIXES.get(kind, "") + quoted_key(key)) if kind != "tag" or key != "name" else '"name"'
        head += "=" if self.op in {":", "~"} else self.op
        search = Search.of(self.asker, parse_query(self.rest))
        [sample] = samples_of([search], _SAMPLE)
        rows = LABELS[kind].objects.filter(among(sample.ids, "version"), key=key).order_by().values_list("value")
        counted = rows.annotate(count=Count("pk"), newest=Max("version")).order_by("-newest")
        kept = set(self.kept)
        for value, count, _ in counted:
            if self._fits(value) and quoted_value(value) not in kept:
                yield Suggestion(self._insert(head, quoted_value(value)), value or "(empty)", "", count)
        if not self.rest.strip():
            for value in self._sorted(distinct.values(LABELS[kind], self.asker.workspace.pk, key) or []):
                if quoted_value(value) not in kept:
                    yield Suggestion(self._insert(head, quoted_value(value)), value or "(empty)")
