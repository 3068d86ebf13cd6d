"""Registries of any size, made by the database itself: a million versions with five tags each in a minute or two.

    python benchmarks/seeding.py 100000        # into the studio's own data folder or DATABASE_URL

One name has ten versions. Tags of a version, from common to unique:

    approved=yes    every second version
    area=…          20 values, the same for all versions of a name
    team=…          200 values, the same for all versions of a name
    ticket=T-…      ten versions have the same
    run=…           each version has its own

Names and descriptions are made of words; a metric `accuracy` is there to sort by. There are no files.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS_OF_A_NAME = 10


def _listed(text: str) -> list[str]:
    return text.split()


WORDS = _listed(
    "amber anchor apricot aurora autumn basin beacon birch blossom breeze bridge canyon cedar chestnut cinder clover "
    "cobalt copper coral cotton cove crater crystal cypress dawn delta dune echo ember falcon fern fjord flint forest "
    "garnet glacier granite grove harbour hazel heron indigo ivory jasper juniper lagoon lantern laurel lichen linen "
    "maple marble meadow mist moss nectar oasis olive onyx opal orchid otter pebble pine"
)
AREAS = _listed(
    "mnist fraud churn vision speech weather traffic health energy retail text music maps video credit sensors robots "
    "search ads games"
)
_STEP = 250_000


def seed(versions: int, *, workspace, user) -> None:
    """`versions` rows and all that belongs to them, in an empty workspace. Deterministic."""
    from django.db import connection

    from registry.finding import text_index

    sql = _Sql(connection.vendor, workspace.pk, user.pk)
    names = max(1, versions // VERSIONS_OF_A_NAME)
    with connection.cursor() as cursor:
        run = cursor.execute
        for statement in sql.before():
            run(statement)
        text_index.drop(connection)  # built again at once when the rows are there
        sql.make_words(run)
        run(sql.models(names))
        for begin in range(1, versions + 1, _STEP):
            end = min(begin + _STEP - 1, versions)
            run(sql.versions(begin, end, names))
            for key in ("approved", "area", "run", "team", "ticket"):
                run(sql.tags(key, begin, end, versions))
            run(sql.metrics(begin, end))
        text_index.build(connection)
        for statement in sql.after():
            run(statement)


class _Sql:
    """The same statements for SQLite and PostgreSQL. A version's primary key is its place in time."""

    def __init__(self, vendor: str, workspace: int, user: int) -> None:
        self.sqlite = vendor == "sqlite"
        self.workspace, self.user = workspace, user

    def before(self) -> list[str]:
        # Nothing here needs checking: every reference is made by the same arithmetic as what it refers to.
        if self.sqlite:
            return ["PRAGMA foreign_keys=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000"]
        return ["SET session_replication_role = replica", "SET synchronous_commit = off"]

    def after(self) -> list[str]:
        if self.sqlite:
            settled = ["PRAGMA foreign_keys=ON", "PRAGMA synchronous=NORMAL", "PRAGMA cache_size=-2000"]
            # No ANALYZE: nobody runs one in a studio either.
            return [*settled, "DROP TABLE benchmark_words", "PRAGMA wal_checkpoint(TRUNCATE)"]
        tables = ["registry_model", "registry_modelversion", "registry_tag", "registry_metric"]
        # Rows were given their keys; the next row of the studio's own must not get one of those.
        sequences = [
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))" for table in tables
        ]
        origin = ["SET session_replication_role = origin", "DROP TABLE benchmark_words"]
        return [*sequences, *origin, *(f"VACUUM ANALYZE {table}" for table in tables)]

    def make_words(self, run: Callable) -> None:
        run("CREATE TABLE benchmark_words (i INTEGER PRIMARY KEY, word TEXT, area TEXT)")
        rows = [f"({i}, '{word}', '{AREAS[i % len(AREAS)]}')" for i, word in enumerate(WORDS)]
        run(f"INSERT INTO benchmark_words VALUES {', '.join(rows)}")

    def models(self, names: int) -> str:
        name = "a.word || '-' || b.word || '-' || CAST(n.i AS TEXT)"
        given = {"workspace": self.workspace, "name": name, "last_version": VERSIONS_OF_A_NAME}
        words = f"JOIN benchmark_words a ON a.i = {_word(5)} JOIN benchmark_words b ON b.i = {_word(6)}"
        return self._insert("Model", given | {"id": "n.i", "created_time": self._time("n.i")}, 1, names, words)

    def versions(self, begin: int, end: int, names: int) -> str:
        """Round after round over all names, so that each name's versions are spread over time."""
        says = " || ' ' || ".join(f"w{k}.word" for k in range(5))
        words = " ".join(f"JOIN benchmark_words w{k} ON w{k}.i = {_word(k)}" for k in range(5))
        frameworks = "CASE n.i % 4 WHEN 0 THEN 'ScikitLearn' WHEN 1 THEN 'Onnx' WHEN 2 THEN 'PyTorch' ELSE 'Custom' END"
        given = {
            "id": "n.i",
            "model": f"(n.i - 1) % {names} + 1",
            "workspace": self.workspace,
            "version": f"(n.i - 1) / {names} + 1",
            "description": says,
            "framework": frameworks,
            "size_bytes": "n.i * 7919 % 1000000007",
            "run_id": "'run-' || CAST(n.i AS TEXT)",
            "created_by": self.user,
            "created_time": self._time("n.i"),
            "updated_time": self._time("n.i"),
        }
        return self._insert("ModelVersion", given, begin, end, words)

    def tags(self, key: str, begin: int, end: int, versions: int) -> str:
        names = max(1, versions // VERSIONS_OF_A_NAME)
        model = f"((n.i - 1) % {names} + 1)"
        values = {
            "approved": "CASE n.i % 2 WHEN 0 THEN 'yes' ELSE 'no' END",
            "area": "w.area",
            "team": f"'team-' || CAST({model} * 13 % 200 AS TEXT)",
            "ticket": f"'T-' || CAST((n.i * 7 + (n.i - 1) / {names}) % {names} AS TEXT)",
            "run": "'run-' || CAST(n.i AS TEXT)",
        }
        place = ["approved", "area", "run", "team", "ticket"].index(key)
        given = {
            "id": f"n.i * 5 + {place}",
            "workspace": self.workspace,
            "version": "n.i",
            "key": f"'{key}'",
            "value": values[key],
        }
        words = f"JOIN benchmark_words w ON w.i = {model} * 3 % {len(AREAS)}" if key == "area" else ""
        return self._insert("Tag", given, begin, end, words)

    def metrics(self, begin: int, end: int) -> str:
        given = {"id": "n.i", "workspace": self.workspace, "version": "n.i", "key": "'accuracy'"}
        return self._insert("Metric", given | {"value": "(n.i * 7919 % 100003) / 100003.0"}, begin, end, "")

    def _insert(self, model: str, given: dict[str, object], begin: int, end: int, joins: str) -> str:
        from django.apps import apps

        kind = apps.get_model("registry", model)
        fields = [field for field in kind._meta.concrete_fields if not field.generated]
        columns = ", ".join(field.column for field in fields)
        values = ", ".join(str(given.get(field.name, _default(field))) for field in fields)
        if self.sqlite:
            numbers = f"WITH RECURSIVE n(i) AS (SELECT {begin} UNION ALL SELECT i + 1 FROM n WHERE i < {end}) "
            return f"INSERT INTO {kind._meta.db_table} ({columns}) {numbers}SELECT {values} FROM n {joins}"
        numbers = f"generate_series({begin}::bigint, {end}::bigint) AS n(i)"
        return f"INSERT INTO {kind._meta.db_table} ({columns}) SELECT {values} FROM {numbers} {joins}"

    def _time(self, number: str) -> str:
        """A minute apart, so that a million versions are two years' work."""
        if self.sqlite:
            return f"datetime('2024-01-01', '+' || CAST({number} AS TEXT) || ' minutes')"
        return f"timestamptz '2024-01-01 00:00:00+00' + {number} * interval '1 minute'"


def _word(place: int) -> str:
    """The number of some word, the same for the same row and place."""
    return f"n.i * 2654435761 % 4294967296 / {1 << 4 * place} % {len(WORDS)}"


def _default(field) -> str:
    """What the field holds when nothing is said, as a literal."""
    value = field.get_default()
    if value is None:
        return "NULL"
    if isinstance(value, dict | list):
        return "'{}'" if isinstance(value, dict) else "'[]'"
    return str(value) if isinstance(value, int | float) else f"'{value}'"


def main() -> None:
    sys.path[0] = str(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    import django

    django.setup()
    from workspaces.models import Membership, Role, User, Workspace

    workspace, _ = Workspace.objects.get_or_create(name="benchmark")
    user = User.objects.order_by("pk").first() or User.objects.create_superuser("benchmark", password="benchmark")
    Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": Role.OWNER})
    seed(int(sys.argv[1]), workspace=workspace, user=user)


if __name__ == "__main__":
    main()
