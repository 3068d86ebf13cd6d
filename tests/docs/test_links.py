"""Links between pages lead somewhere, and pictures are there and small."""

import re

import pytest

from tests.docs.conftest import PAGES, title
from tests.running import ROOT

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    """As code hosts make them of headings."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_link_resolves(page):
    for link in _LINK.findall(_FENCED.sub("", page.read_text())):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link


def test_every_page_of_the_documentation_can_be_reached_from_the_readme():
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        links = (page.parent / link.partition("#")[0] for link in _LINK.findall(page.read_text()))
        waiting += {link.resolve() for link in links if link.suffix == ".md"} - seen
    assert set((ROOT / "docs").rglob("*.md")) <= seen


def test_pictures_are_under_200_kb():
    pictures = list((ROOT / "docs" / "images").iterdir())
    assert pictures and [picture.name for picture in pictures if picture.stat().st_size > 200_000] == []


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_lines_fit(page):
    prose = _FENCED.sub("", page.read_text())
    assert [line for line in prose.splitlines() if len(line) > 125 and not line.startswith("|")] == []
