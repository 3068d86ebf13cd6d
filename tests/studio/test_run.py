"""`./run` as a person calls it: from any folder, and with settings that are wrong."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.running import ROOT, START_S, free_port_pair


@pytest.fixture
def clone(tmp_path):
    """This checkout in another place, set up already."""
    place = tmp_path / "clone"
    place.mkdir()
    for path in ROOT.iterdir():
        if path.name not in {"run", "setup", ".venv", ".git"}:
            (place / path.name).symlink_to(path)
    (place / ".venv").symlink_to(sys.prefix)
    shutil.copy(ROOT / "run", place)
    (place / "setup").write_text("#!/bin/sh\n")
    (place / "setup").chmod(0o755)
    return place


def environ(folder, **more):
    servers = {"DATABASE_URL", "REDIS_URL"}
    own = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_") and k not in servers}
    return {**own, "XDG_CONFIG_HOME": str(folder / "config"), "PYTHONUNBUFFERED": "1", **more}


def test_it_starts_from_any_folder_and_keeps_its_data_there(clone, tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    command = [clone / "run", "--port", str(free_port_pair()), "--data", "my-data"]
    with open(here / "output", "w") as output:
        running = subprocess.Popen(
            command, cwd=here, env=environ(tmp_path), stdout=output, stderr=output, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_S
        while "Slipway is ready" not in (here / "output").read_text():
            assert running.poll() is None and time.monotonic() < deadline, (here / "output").read_text()
            time.sleep(0.1)
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0
    assert (here / "my-data" / "db.sqlite3").exists()


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        (
            "SLIPWAY_DATE",
            "x",
            "slipway: The studio could not be prepared: SLIPWAY_DATE is not a setting",
        ),
        ("SLIPWAY_LEASE_S", "soon", "it wants a number"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none", "onnection refused"),
        ("S3_BUKET", "models", "Did you mean S3_BUCKET?"),
        ("S3_REGION", "eu-west-1", "S3_REGION is set, but S3_BUCKET is not"),
    ],
)
def test_a_wrong_setting_is_one_sentence(clone, tmp_path, setting, value, sentence):
    command = [clone / "run", "--port", str(free_port_pair()), "--data", tmp_path / "data"]
    own = environ(tmp_path, **{setting: value})
    ran = subprocess.run(command, env=own, capture_output=True, text=True, timeout=START_S, check=False)
    assert ran.returncode == 1
    assert sentence in ran.stderr and len(ran.stderr.splitlines()) == 1
