"""What people ask of a registry, asked and timed: one database of one size."""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

WRITERS, EACH = 16, 10


@dataclass(frozen=True)
class Question:
    """`beside` names MLflow's nearest question; `budget`: this is what the design promises a time for."""

    name: str
    ask: Callable[[], object]
    beside: str = ""
    budget: bool = False
    rounds: int | None = None


def timed(ask: Callable[[], object], rounds: int) -> dict[str, float]:
    ask()  # what is read once, such as compiled statements, is not what is measured
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    return {
        "p50": round(statistics.median(taken), 3),
        "p95": round(taken[min(len(taken) - 1, int(len(taken) * 0.95))], 3),
    }


def measure(*, size: int, rounds: int, explained: str | None, mlflow: str | None, answer: str) -> None:
    import django

    from benchmarks.seeding import seed

    django_setup(django)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    person = _person()
    begun = time.perf_counter()
    seed(size, workspace=person["workspace"], user=person["user"])
    found = {"seeded_s": round(time.perf_counter() - begun, 1), "questions": {}, "mlflow": {}, "notes": {}}
    from benchmarks.registry_http import over_http
    from benchmarks.registry_writes import writes
    from studio.garbage import settle

    questions = reads(**person, size=size)
    settle()  # as the web process does
    _ask(questions, rounds, found)
    if explained:
        from benchmarks.registry_explained import explain

        explain(questions, size, Path(explained))
    if mlflow:
        from benchmarks.beside_mlflow import beside

        # Before anything else is registered: both have the same rows.
        found["mlflow"] = beside(Path(mlflow), size=size, rounds=max(3, rounds // 3), notes=found["notes"])
    over_http(person["token"], size, rounds, found)
    writes(**person, rounds=rounds, found=found)
    Path(answer).write_text(json.dumps(found))


def django_setup(django) -> None:
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "studio.settings"
    django.setup()


def _person() -> dict:
    from workspaces.models import Membership, Role, User, Workspace
    from workspaces.tokens import create_token

    user = User.objects.create_superuser("benchmark", password="benchmark")
    workspace = Workspace.objects.create(name="default")
    Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    return {"user": user, "workspace": workspace, "token": create_token(user=user, name="benchmark")[1]}


def _ask(questions: list[Question], rounds: int, found: dict) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for question in questions:
        row = timed(question.ask, question.rounds or rounds)
        with CaptureQueriesContext(connection) as captured:
            question.ask()
        found["questions"][question.name] = row | {
            "queries": len(captured),
            "beside": question.beside,
            "budget": question.budget,
        }


def reads(*, user, workspace, token: str, size: int) -> list[Question]:
    from registry.finding import facets, list_models, parse_query, suggest

    def listed(text: str = "", **more):
        return lambda: list_models(user=user, workspace=workspace, text=text, **more)

    def narrowed(text: str):
        return lambda: facets(user=user, workspace=workspace, query=parse_query(text))

    def suggested(text: str):
        return lambda: suggest(user=user, workspace=workspace, text=text, caret=len(text))

    far, number = _far_cursor(listed, size)
    rare = f"ticket=T-{7 % max(1, size // 10)}"
    return [
        Question("list, page 1", listed(), "page 1", True),
        Question(f"list, page {number:,}", listed(cursor=far), "far page", True),
        Question("tag, common (area: 5 %)", listed("area=mnist"), "tag, common", True),
        Question("tag, common (approved: 50 %)", listed("approved=yes"), "", True),
        Question("tag, rare (10 versions)", listed(rare), "tag, rare", True),
        Question("tag, nobody has", listed("area=nothing"), "", True),
        Question("two tags, common", listed("area=mnist approved=yes"), "two tags", True),
        Question("two tags, rare and common", listed(f"{rare} approved=yes"), "", True),
        Question("a tag not, and one of two", listed("approved!=yes area=mnist,fraud")),
        Question("text in names and descriptions", listed("granite"), "text"),
        Question("text of one name", listed(f"-{max(1, size // 20)}")),
        Question("text that nothing holds", listed("zeppelin")),
        Question("tag and text", listed("area=mnist granite")),
        Question("by name", listed(sort="name")),
        Question("by size, largest first, with a tag", listed("area=mnist", sort="-size")),
        Question("by a metric", listed(sort="-metric.accuracy")),
        Question("framework", listed("framework:Onnx")),
        Question("facets, nothing asked", narrowed("")),
        Question("facets, common tag", narrowed("area=mnist")),
        Question("suggest keys", suggested("a")),
        Question("suggest values", suggested("team=team-1")),
        Question("suggest names", suggested("gran")),
    ]


def _far_cursor(listed: Callable, size: int) -> tuple[str, int]:
    """The cursor of page 1,000, reached page by page, or of the last page but one where there are fewer."""
    pages = min(1000, max(2, size // 10 // 50))
    cursor = ""
    for _ in range(pages - 1):
        following = listed(cursor=cursor)().page.next
        if not following:
            break
        cursor = following
    return cursor, pages
