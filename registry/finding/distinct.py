"""What different keys and values there are, by hopping over an index from one to the next."""

from django.db import connection, models

from registry.models import HEAD, Alias, Metric

# More different ones than anybody reads through.
MOST = 300
_SQL = """WITH RECURSIVE hops(found) AS (
    SELECT min({column}) FROM {table} WHERE {where}
    UNION ALL
    SELECT (SELECT min({column}) FROM {table} WHERE {where} AND {column} > hops.found)
    FROM hops WHERE hops.found IS NOT NULL
) SELECT found FROM hops WHERE found IS NOT NULL LIMIT {limit}"""


def _hop(model: type[models.Model], column: str, limit: int = MOST, **fixed) -> list[str]:
    """`column` must follow the columns of `fixed` in an index."""
    where = " AND ".join(f"{name} = %s" for name in fixed)
    sql = _SQL.format(column=column, table=model._meta.db_table, where=where, limit=limit)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*fixed.values(), *fixed.values()])
        return [found for (found,) in cursor.fetchall()]


def keys(model: type[models.Model], workspace_id: int) -> list[str]:
    return _hop(model, "key", workspace_id=workspace_id)


def values(model: type[models.Model], workspace_id: int, key: str) -> list[str] | None:
    """All values of a key; None when they are too many or too long to be told from the index."""
    found = _hop(model, "value_head", MOST + 1, workspace_id=workspace_id, key=key)
    return None if len(found) > MOST or any(len(value) == HEAD for value in found) else found


def aliases(workspace_id: int) -> list[str]:
    return _hop(Alias, "name", workspace_id=workspace_id)


def metrics(workspace_id: int) -> list[str]:
    return keys(Metric, workspace_id)
