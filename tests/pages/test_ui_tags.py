"""The smallest parts of pages."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

from deployments.states import Outcome, ServiceState, Status
from studio.templatetags.ui import STATUS, duration, size
from tests.pages.conftest import ICONS
from tests.running import ROOT


def drawn(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize("state", [*Status.values, *ServiceState.values, *Outcome.values])
def test_every_state_has_a_word_an_icon_and_a_tone(state):
    badge = drawn("{% status state %}", state=state)
    assert "tone-" in badge
    assert "<use href=" in badge
    assert badge.endswith("</span>")


def test_every_icon_of_a_state_is_in_the_sprite():
    assert {icon for _, icon, _, _ in STATUS.values()} <= ICONS


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (35_100, "35.1 kB"),
        (123_456_789, "123 MB"),
        (10**16, "10000 TB"),
    ],
)
def test_sizes_are_told_in_powers_of_a_thousand(n, text):
    assert size(n) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.44, "0.4 s"), (12.3, "12 s"), (59.7, "1 min 00 s"), (185, "3 min 05 s"), (3720, "1 h 02 min"), (None, "–")],
)
def test_durations_are_told_as_short_as_can_be(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=50), "50 minutes ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=40), "40 days ago"),
    ],
)
def test_times_are_told_as_distance_with_the_exact_moment_beside(passed, text):
    moment = datetime.now(UTC) - passed
    element = drawn("{% ago moment %}", moment=moment)
    assert f">{text}</time>" in element
    assert "UTC" in element


def test_text_from_outside_stays_text():
    assert "<script>" not in drawn("{% code text %}{% badge text 'x' %}", text="<script>")


def test_every_icon_that_a_template_names_is_in_the_sprite():
    templates = (ROOT / "templates").rglob("*.html")
    named = {name for path in templates for name in re.findall(r'{% icon "([^"]+)"', path.read_text())}
    assert len(named) > 20
    assert named <= ICONS


def test_no_template_holds_a_raw_colour_an_inline_style_or_an_inline_script():
    for path in (ROOT / "templates").rglob("*.html"):
        found = re.findall(
            r"""(?x) \sstyle= | \son\w+= | <script(?![^>]*\ssrc=) | \#[0-9a-fA-F]{6}\b | hx-on""", path.read_text()
        )
        assert not found, f"{path.name}: {found}"
