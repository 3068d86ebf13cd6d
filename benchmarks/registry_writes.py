"""Registering, alone and sixteen at once."""

import threading
import time
from itertools import count

from benchmarks.registry_questions import EACH, WRITERS, timed

_content = count()


def writes(*, user, workspace, token: str, rounds: int, found: dict) -> None:
    from registry.services import register_model

    tags = {"approved": "yes", "area": "mnist", "team": "team-1", "ticket": "T-1", "run": "a run"}
    waiting = [_upload(workspace, user) for _ in range(rounds + 1)]

    def register():
        register_model(workspace=workspace, name="granite-new", upload=waiting.pop(), by=user, tags=tags)

    found["questions"]["register (a small file is there)"] = timed(register, rounds)
    found["notes"]["next version"] = _at_once(user, workspace, tags, found)


def _upload(workspace, user):
    from registry.uploads import receive_file, start_upload

    upload = start_upload(workspace=workspace, by=user)
    content = f"weights {next(_content)}".encode()
    receive_file(upload=upload, path="model.bin", chunks=[content], size=len(content))
    return upload


def _at_once(user, workspace, tags: dict[str, str], found: dict) -> str:
    """Real transactions of real connections; a number given twice ends the benchmark."""
    from django.db import connections

    from registry.models import ModelVersion
    from registry.services import register_model

    uploads = [[_upload(workspace, user) for _ in range(EACH)] for _ in range(WRITERS)]
    start, taken, failed = threading.Barrier(WRITERS), [], []

    def write(mine: list) -> None:
        try:
            start.wait(60)
            for upload in mine:
                begun = time.perf_counter()
                register_model(workspace=workspace, name="granite-contended", upload=upload, by=user, tags=tags)
                taken.append((time.perf_counter() - begun) * 1000)
        except Exception as exc:
            failed.append(repr(exc))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=[mine]) for mine in uploads]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - begun
    rows = ModelVersion.objects.filter(model__name="granite-contended", workspace=workspace)
    numbers = sorted(rows.values_list("version", flat=True))
    assert not failed, failed
    assert len(set(numbers)) == len(numbers) == WRITERS * EACH, numbers
    taken.sort()
    row = {"p50": round(taken[len(taken) // 2], 2), "p95": round(taken[int(len(taken) * 0.95)], 2)}
    found["questions"][f"next version, {WRITERS} writers at once"] = row
    return f"{WRITERS * EACH} versions of one name by {WRITERS} writers in {lasted:.1f} s, each number once"
