"""The pages' modules that need no page: node's own test runner."""

import shutil
import subprocess
from pathlib import Path

from tests.conftest import missing

HERE = Path(__file__).resolve().parent.parent


def test_the_modules_of_the_log_viewer_do_what_their_tests_say():
    if shutil.which("node") is None:
        missing("Node.js")
    tests = [str(path) for path in sorted((HERE / "js").glob("*.test.mjs"))]
    ran = subprocess.run(["node", "--test", *tests], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout
