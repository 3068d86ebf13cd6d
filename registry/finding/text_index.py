"""The indexes that find three characters and more anywhere in names and descriptions.

SQLite: FTS5 tables of trigrams beside `registry_model` and `registry_modelversion`, kept by triggers.
PostgreSQL: GIN indexes of pg_trgm. What they find is looked at again by the condition on the rows, so
that they may find too much and never too little."""

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from registry.models import Model, ModelVersion
from workspaces.models import Workspace

# Fewer characters make no trigram.
LEAST = 3
_TEXTS = {"registry_model": "name", "registry_modelversion": "description"}

_TABLE = """CREATE VIRTUAL TABLE {table}_text USING fts5(
    {column}, content='{table}', content_rowid='id', tokenize='trigram', detail=none, columnsize=0)"""
_TRIGGERS = {
    "{table}_text_added": """CREATE TRIGGER {table}_text_added AFTER INSERT ON {table} WHEN new.{column} <> '' BEGIN
    INSERT INTO {table}_text(rowid, {column}) VALUES (new.id, new.{column}); END""",
    "{table}_text_gone": """CREATE TRIGGER {table}_text_gone AFTER DELETE ON {table} WHEN old.{column} <> '' BEGIN
    INSERT INTO {table}_text({table}_text, rowid, {column}) VALUES ('delete', old.id, old.{column}); END""",
    "{table}_text_changed": """CREATE TRIGGER {table}_text_changed AFTER UPDATE OF id, {column} ON {table}
    WHEN old.{column} <> new.{column} OR old.id <> new.id BEGIN
    INSERT INTO {table}_text({table}_text, rowid, {column})
    SELECT 'delete', old.id, old.{column} WHERE old.{column} <> '';
    INSERT INTO {table}_text(rowid, {column}) SELECT new.id, new.{column} WHERE new.{column} <> ''; END""",
}  # fmt: skip


def build(database) -> None:
    """Make what is missing. Changing a table on SQLite makes it anew, and its triggers go with the old one:
    then they are made again and the index with them. Needs the right to CREATE EXTENSION on PostgreSQL."""
    if database.vendor == "sqlite":
        _build_sqlite(database)
    elif database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for table, column in _TEXTS.items():
                cursor.execute(
                    f"CREATE INDEX IF NOT EXISTS {table}_text ON {table} USING gin (upper({column}::text) gin_trgm_ops)"
                )


def _build_sqlite(database) -> None:
    with database.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger')")
        there = {name for (name,) in cursor.fetchall()}
        for table, column in _TEXTS.items():
            wanted = {name.format(table=table): sql for name, sql in _TRIGGERS.items()}
            if table not in there or there >= {f"{table}_text", *wanted}:
                continue
            if f"{table}_text" not in there:
                cursor.execute(_TABLE.format(table=table, column=column))
            for name, sql in wanted.items():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(sql.format(table=table, column=column))
            cursor.execute(f"INSERT INTO {table}_text({table}_text) VALUES ('rebuild')")


def drop(database) -> None:
    with database.cursor() as cursor:
        for table in _TEXTS:
            if database.vendor == "sqlite":
                for name in _TRIGGERS:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name.format(table=table)}")
                cursor.execute(f"DROP TABLE IF EXISTS {table}_text")
            elif database.vendor == "postgresql":
                cursor.execute(f"DROP INDEX IF EXISTS {table}_text")


def models_named(workspace: Workspace, text: str) -> QuerySet[Model]:
    """Models whose name may hold the text."""
    return _holding(Model.objects.filter(workspace=workspace).order_by(), "registry_model", "name", text)


def versions_described(workspace: Workspace, text: str) -> QuerySet[ModelVersion]:
    """Versions whose description may hold the text."""
    rows = ModelVersion.objects.filter(workspace=workspace).order_by()
    return _holding(rows, "registry_modelversion", "description", text)


def _holding(rows: QuerySet, table: str, column: str, text: str) -> QuerySet:
    if connection.vendor != "sqlite":
        return rows.filter(**{f"{column}__icontains": text})
    trigrams = dict.fromkeys(text[place : place + 3].replace('"', '""') for place in range(len(text) - 2))
    sought = " AND ".join(f'"{trigram}"' for trigram in trigrams)
    return rows.filter(pk__in=RawSQL(f"SELECT rowid FROM {table}_text WHERE {table}_text MATCH %s", [sought]))
