"""The pages' modules that need no browser, under Node's own test runner."""

import shutil
import subprocess

from tests.conftest import missing
from tests.running import ROOT


def test_the_pages_modules_pass_their_own_tests():
    if shutil.which("node") is None:
        missing("Node.js")
    files = sorted((ROOT / "tests" / "js").glob("*.test.mjs"))
    ran = subprocess.run(["node", "--test", *files], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout
    assert _count(ran.stdout, "pass") >= len(files)


def _count(output: str, what: str) -> int:
    return next(int(line.split()[-1]) for line in output.splitlines() if line.startswith(f"# {what} "))
