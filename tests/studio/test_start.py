"""Starting: what stands in the way is one sentence, and what is started again is the studio it was."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys

import psutil
import pytest
from filelock import FileLock

from studio.data_folder import DATA_VERSION
from tests.running import ROOT, RunningStudio, free_port_pair


def start(data, *options: str, **more: str) -> str:
    """What a studio that cannot start says."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SLIPWAY_")}
    command = [sys.executable, "-m", "studio.start", *(["--data", str(data)] if data else []), *options]
    ran = subprocess.run(command, cwd=ROOT, env=own | more, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 1 and ran.stdout == ""
    assert ran.stderr.startswith("slipway: ") and ran.stderr.count("\n") == 1, ran.stderr
    return ran.stderr


@pytest.mark.parametrize("which", [0, 1])
def test_a_taken_port_is_said_whether_the_studios_or_the_gateways(tmp_path, which):
    port = free_port_pair()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + which))
        taken.listen()
        said = start(tmp_path / "data", "--port", str(port))
    assert f"Port {port + which} on 127.0.0.1 cannot be used" in said and "--port" in said


def test_a_host_that_is_none_is_said(tmp_path):
    said = start(tmp_path / "data", "--host", "no-such-host.invalid", "--port", str(free_port_pair()))
    assert "no-such-host.invalid is not an address of this machine" in said and "--host" in said


@pytest.mark.parametrize("version", [str(DATA_VERSION + 1), "999", "nonsense", "²"])
def test_a_data_folder_of_a_newer_version_is_left_alone(tmp_path, version):
    (tmp_path / "VERSION").write_text(f"{version}\n")
    said = start(tmp_path)
    assert "made by a newer Slipway" in said and version in said and "--data" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["VERSION", "run.lock"]


def test_a_data_folder_in_use_is_said(tmp_path):
    with FileLock(tmp_path / "run.lock"):
        said = start(tmp_path)
    assert f"A studio is running in {tmp_path} already" in said


def test_the_data_folder_may_be_named_by_the_environment(tmp_path):
    with FileLock(tmp_path / "run.lock"):
        said = start(None, SLIPWAY_DATA=str(tmp_path))
    assert f"A studio is running in {tmp_path} already" in said


def test_a_data_folder_that_is_a_file_is_said(tmp_path):
    (tmp_path / "data").write_text("")
    assert f"The data folder {tmp_path / 'data'} cannot be used" in start(tmp_path / "data")


@pytest.mark.parametrize("port", ["0", "65535", "-1", "http"])
def test_a_port_that_is_none_is_said(tmp_path, port):
    command = [sys.executable, "-m", "studio.start", "--data", str(tmp_path), "--port", port]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2 and "--port" in ran.stderr and "Traceback" not in ran.stderr


def test_without_a_fitting_python_run_says_which_are(tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "cat", "cksum", "grep"):
        (tools / name).symlink_to(shutil.which(name))
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # as Python 3.9 answers the question whether it is new enough
    old.chmod(0o755)
    ran = subprocess.run(
        [ROOT / "run"], env={"PATH": str(tools)}, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 1 and ran.stdout == ""
    assert ran.stderr == (
        "slipway: Python 3.11, 3.12 or 3.13 is needed and was not found; install it and run this again.\n"
    )


def test_a_studio_is_started_stopped_with_ctrl_c_and_started_again_as_it_was(tmp_path):
    studio = RunningStudio(tmp_path / "data").start()
    first = json.loads(studio.config_path.read_text())
    assert first == {"url": studio.url, "workspace": "default", "token": first["token"]}
    for private in ("config.json", "first-password", "secret.key"):
        assert stat.S_IMODE((studio.data / private).stat().st_mode) == 0o600, private
    pointer = (tmp_path / "config" / "slipway" / "last-studio").read_text()
    assert pointer == f"{studio.config_path}\n"
    assert studio.api().get("models").status_code == 200
    assert studio.password in studio.output and first["token"] not in studio.output

    family = [studio.process, *psutil.Process(studio.process.pid).children(recursive=True)]
    assert len(family) >= 4
    studio.process.send_signal(signal.SIGINT)
    assert studio.process.wait(60) == 0
    assert not any(psutil.pid_exists(process.pid) for process in family[1:])
    assert studio.output.rstrip().endswith("slipway: stopped")

    again = RunningStudio(tmp_path / "data").start()
    try:
        second = json.loads(again.config_path.read_text())
        assert second == first | {"url": again.url}, "it listens on another port; all else is the same"
        assert again.api().get("models").status_code == 200
    finally:
        again.stop()
