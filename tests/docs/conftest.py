"""The pages under test: the README and everything in docs/."""

import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests import a_cluster
from tests.console import Page, Shell, read_page
from tests.journeys.clusters import Account
from tests.journeys.conftest import docker_engine  # noqa: F401
from tests.project import Project
from tests.running import ROOT, RunningStudio

PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "client" / "README.md",
    ROOT / "scoring" / "README.md",
    ROOT / "benchmarks" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
ON_A_CLUSTER = ROOT / "docs" / "kubernetes.md"
TYPED = [
    page for page in PAGES if "```console" in page.read_text() and page.parts[-2] != "client" and page != ON_A_CLUSTER
]


def title(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def section(page: str, heading: str) -> str:
    """The text of docs/`page` below `heading`, up to the next one of the same or a higher level."""
    text = (ROOT / "docs" / page).read_text()
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"{page} has no section {heading!r}"
    return found[1]


def tables(text: str) -> list[list[list[str]]]:
    """The rows of each table, cells without their backticks; heads are left out."""
    blocks = re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    return [[_cells(line) for line in block.splitlines()[2:]] for block in blocks]


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]


def as_of(studio: RunningStudio, page: Path, mine: Mapping[str, str] | None = None) -> Page:
    """The page for the running studio: its addresses, and names nobody else uses (versions count from 1); with what
    `mine` says in place of the page's own words."""
    text = page.read_text()
    for shown, here in (mine or {}).items():
        text = text.replace(shown, here)
    text = re.sub(r"\bcancer\b", f"cancer-{secrets.token_hex(3)}", text)
    text = text.replace("http://127.0.0.1:8000", studio.url).replace("http://127.0.0.1:8001", studio.gateway_url)
    return read_page(text)


@pytest.fixture
def shell(studio, tmp_path) -> Shell:
    """A reader's terminal, in a folder with a model, a sample and an entry script."""
    return Shell(studio, Project(tmp_path))


@pytest.fixture
def account(monkeypatch, docker_engine) -> Iterator[Account]:  # noqa: F811
    """In a namespace of its own; `kubectl` is the administrator's. Nothing stays of what the page makes."""
    a_cluster.required()
    monkeypatch.setenv("KUBECONFIG", str(a_cluster.kubeconfig()))
    made = Account(f"slipway-docs-{secrets.token_hex(3)}")
    yield made
    made.remove()
