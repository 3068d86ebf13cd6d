"""How the database answers each question, in its own words."""

from pathlib import Path

from django.db import connection

from benchmarks.registry_questions import Question

_SHOWN = 600


def explain(questions: list[Question], size: int, into: Path) -> None:
    into.parent.mkdir(exist_ok=True)
    parts = [f"{connection.vendor}, {size:,} versions. Parameters are shortened.\n"]
    for question in questions:
        asked: list[tuple[str, object]] = []

        def taken(execute, sql, params, many, context, asked=asked):
            if not many and sql.lstrip().upper().startswith(("SELECT", "WITH")):
                asked.append((sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(taken):
            question.ask()
        parts.append(f"\n{'=' * 100}\n{question.name}\n{'=' * 100}\n")
        parts += [_plan(sql, params) for sql, params in asked]
    into.write_text("".join(parts))


def _plan(sql: str, params: object) -> str:
    word = (
        "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF)"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{word} {sql}", params)
        rows = cursor.fetchall()
    plan = "\n".join(f"    {row[-1]}" for row in rows)
    shown = sql if len(sql) <= _SHOWN else f"{sql[:_SHOWN]}…"
    return f"\n{shown}\n  with {str(params)[:120]}\n{plan}\n"
