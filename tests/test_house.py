"""The house itself: rooms depend one way, and nothing is left half done in them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template import engines

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def run(*command: str, **more: str) -> subprocess.CompletedProcess:
    command = (str(Path(sys.executable).with_name(command[0])), *command[1:])
    return subprocess.run(command, cwd=ROOT, env=os.environ | more, capture_output=True, text=True, timeout=120)


def tracked() -> list[Path]:
    """Every file of the project, those not yet added too; pictures and locks aside."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("this is no checkout")
    names = [name for name in listed.stdout.splitlines() if not re.search(r"\.(png|woff2|lock|svg)$|vendor/", name)]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_rooms_import_only_what_the_plan_of_the_house_allows():
    checked = run("lint-imports", PYTHONPATH=str(ROOT / "scoring"))
    assert checked.returncode == 0, checked.stdout[-3000:]


def test_ruff_finds_nothing():
    checked = run("ruff", "check", "--output-format=concise", ".")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_django_has_nothing_to_complain_about():
    call_command("check", fail_level="WARNING")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_every_template_compiles(template):
    engines["django"].from_string(template.read_text())


def test_nothing_is_left_for_later():
    later = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]) + r")\b")
    texts = ((path, path.read_text(errors="replace")) for path in tracked())
    assert [str(path.relative_to(ROOT)) for path, text in texts if later.search(text)] == []


def test_modules_stay_small():
    """Migrations are as long as what they change."""
    modules = (path for path in tracked() if path.suffix == ".py" and path.parent.name != "migrations")
    sizes = {path: len(path.read_text().splitlines()) for path in modules}
    assert {str(path.relative_to(ROOT)): size for path, size in sizes.items() if size > 300} == {}


def test_test_modules_of_different_rooms_can_be_run_together():
    """Modules outside packages share one name space."""
    loose = [path.name for path in tracked() if path.match("tests/**/test_*.py") and not _in_package(path)]
    assert len(loose) == len(set(loose)), sorted(name for name in loose if loose.count(name) > 1)


def _in_package(path: Path) -> bool:
    return (path.parent / "__init__.py").exists()
