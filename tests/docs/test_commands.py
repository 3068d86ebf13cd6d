"""What the pages tell their readers to type works, and names nothing that does not exist."""

import re

import pytest
from django.core.management import get_commands
from slipway.cli.root import root

from studio import env
from studio.start import main as start
from tests import a_cluster
from tests.docs.conftest import ON_A_CLUSTER, PAGES, TYPED, as_of, title
from tests.running import ROOT

_README = (ROOT / "scoring" / "README.md").read_text()
RUNTIME_SETTINGS = set(re.findall(r"^\| `(SLIPWAY_[A-Z_]+)` \|", _README, re.MULTILINE))
CLIENT_SETTINGS = {"SLIPWAY_CONFIG"}
_CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)


def code_of(page) -> list[str]:
    """Every line of code on the page, from blocks and from between backticks."""
    found = [block or inline for block, inline in _CODE.findall(page.read_text())]
    return [line for text in found for line in text.replace("\\\n", " ").splitlines()]


@pytest.mark.parametrize("page", TYPED, ids=title)
def test_every_command_of_the_page_works_and_prints_what_is_shown(page, shell, studio):
    shell.follow(as_of(studio, page))


def test_every_command_of_the_page_on_clusters_works(account, shell, studio):
    mine = {"ml-prod": account.namespace, "registry.example.org": a_cluster.REGISTRY}
    # The kubectl of the tests' cluster dies of `config set-credentials`, so the page's kubeconfig is made here.
    account.grant(shell.done(f"slipway computetarget rbac --namespace {account.namespace}"))
    shell.project.write("slipway.kubeconfig", account.kubeconfig().encode())
    shell.follow(as_of(studio, ON_A_CLUSTER, mine))


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_slipway_command_and_option_exists(page):
    for line in code_of(page):
        for words in re.findall(r"(?:^|[\s(`])(slipway (?!.*…)[^|>()`]+)", line):
            _check(words.split()[1:], line)


def _check(words: list[str], line: str) -> None:
    command = root
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        if words[0] not in command.commands:
            assert words[0].isupper() or "|" in line, f"{line}: there is no {words[0]}"
            return
        command = command.commands[words.pop(0)]
    known = {name for param in [*command.params, *root.params] for name in (*param.opts, *param.secondary_opts)}
    given = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    unknown = given - known - {"-h", "--help"}
    assert not unknown, f"{line}: there is no option {unknown}"


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_flag_of_run_exists(page, capsys):
    with pytest.raises(SystemExit):
        start(["--help"])
    helped = capsys.readouterr().out
    for line in code_of(page):
        if line.startswith("./run") or "; ./run" in line:
            assert [flag for flag in re.findall(r"--[a-z-]+", line.split("#")[0]) if flag not in helped] == []


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_management_command_exists(page):
    assert set(re.findall(r"manage\.py (\w+)", page.read_text())) <= set(get_commands())


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_setting_exists(page):
    known = {setting.name for setting in env.SETTINGS} | RUNTIME_SETTINGS | CLIENT_SETTINGS
    assert set(re.findall(r"\bSLIPWAY_[A-Z_]+\b", page.read_text())) <= known
