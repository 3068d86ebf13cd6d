"""Many people who register at once: every one gets a version, and no number is given twice."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from registry import services, uploads
from registry.errors import UploadEmpty
from registry.models import Model, ModelVersion, Upload
from tests import objects
from tests.conftest import missing
from tests.journeys.servers import postgres_bin, postgresql
from tests.running import ROOT

WRITERS = 16
EACH = 3


def at_once(work, count: int = WRITERS) -> list:
    """What `work(number)` gave to each of so many threads that begin together."""
    together = threading.Barrier(count, timeout=60)

    def begin(number: int):
        try:
            together.wait()
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(begin, range(count), timeout=120))


@pytest.mark.django_db(transaction=True)
def test_writers_of_one_name_get_each_its_own_number(place, contributor):
    def register(number: int) -> list[int]:
        made = []
        for turn in range(EACH):
            sent = objects.upload(place, contributor, {"model.bin": f"{number} {turn}".encode()})
            made.append(services.register_model(workspace=place, name="digits", upload=sent, by=contributor).version)
        return made

    numbers = [number for made in at_once(register) for number in made]
    assert sorted(numbers) == list(range(1, WRITERS * EACH + 1))
    assert Model.objects.count() == 1 and not Upload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_writers_of_one_upload_make_one_version_of_it(place, contributor):
    sent = objects.upload(place, contributor, {"model.bin": b"weights"})

    def register(number: int) -> bool:
        try:
            services.register_model(workspace=place, name="digits", upload=sent, by=contributor)
        except UploadEmpty:
            return False
        return True

    assert at_once(register).count(True) == 1
    assert ModelVersion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_senders_of_the_same_content_under_the_same_paths_keep_it_once(place, contributor):
    sent = uploads.start_upload(workspace=place, by=contributor)

    def send(number: int) -> str:
        path = f"{number % 4}.bin"
        return uploads.receive_file(upload=sent, path=path, chunks=[b"weights"], size=7).path

    at_once(send)
    assert [file.path for file in sent.files.all()] == ["0.bin", "1.bin", "2.bin", "3.bin"]
    assert len(set(sent.files.values_list("blob_id", flat=True))) == 1


def test_the_same_on_postgresql(tmp_path):
    if os.environ.get("DATABASE_URL"):
        pytest.skip("this run is on a database of its own choice")
    if postgres_bin() is None:
        missing("PostgreSQL")
    with postgresql(tmp_path / "postgresql") as url:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-k", "writers or senders", __file__],
            cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, timeout=280,
        )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:]
