import subprocess
import sys

import pytest
from slipway.cli import output


@pytest.fixture(autouse=True)
def models(fake, version):
    fake.on("GET", "/models", {"value": [version, {**version, "id": "cancer:1", "version": 1}]})
    return fake


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", "tsv", "model", "list", "--query", "[].id"],
        ["model", "-o", "tsv", "list", "--query", "[].id"],
        ["model", "list", "-o", "tsv", "--query", "[].id"],
        ["-o", "json", "model", "list", "-o", "tsv", "--query", "[].id"],
    ],
)
def test_shared_options_stand_before_or_after_the_subcommand(slipway, arguments):
    assert slipway(*arguments).out == "cancer:2\ncancer:1\n"


def test_a_list_is_a_table_on_a_terminal_and_json_elsewhere(slipway, monkeypatch):
    assert len(slipway("model", "list").json) == 2
    monkeypatch.setattr(output.sys, "stdout", Terminal())
    slipway("model", "list")
    assert sys.stdout.written.splitlines()[0].split() == [
        "Id", "Framework", "Risk", "Stage", "Aliases", "Tags", "CreatedBy", "Created",
    ]  # fmt: skip


class Terminal:
    written = ""

    def isatty(self):
        return True

    def write(self, text):
        self.written += text

    def flush(self):
        pass


def test_jsonc_is_json_in_colours_on_a_terminal_alone(slipway, monkeypatch):
    words = ("model", "list", "-o", "jsonc", "--query", "[0].{id: id, of: version, no: facts.none}")
    assert slipway(*words).json == {"id": "cancer:2", "of": 2, "no": None}
    monkeypatch.setattr(output.sys, "stdout", Terminal())
    slipway(*words)
    key, text, other = "\x1b[34m", "\x1b[33m", "\x1b[36m"
    assert f'{key}"id"\x1b[0m: {text}"cancer:2"\x1b[0m' in sys.stdout.written
    assert f"{other}2\x1b[0m" in sys.stdout.written and f"{other}null\x1b[0m" in sys.stdout.written


def test_a_table_has_one_line_per_row_whatever_is_in_it(slipway, version):
    version["tags"] = {"note": "two\nlines\x1b[31m\tred"}
    table = slipway("model", "list", "-o", "table").out
    assert "note=two lines[31m red" in table and len(table.splitlines()) == 4


def test_tab_separated_values_stay_in_their_columns(slipway):
    out = slipway("model", "list", "-o", "tsv", "--query", "[].{id: id, none: description, yes: version == `2`}").out
    assert out == "cancer:2\t\ttrue\ncancer:1\t\tfalse\n"


def test_a_query_that_is_no_jmespath_is_a_usage_error(slipway):
    ran = slipway("model", "list", "--query", "[")
    assert ran.code == 2 and "--query is not JMESPath" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["model", "deploy", "-n", "abc", "--lo", "westeurope"],
        ["model", "deploy", "-po", "80"],
        ["model", "deploy", "--collect-model-data"],
        ["model", "register", "--asset-path", "x"],
        ["service", "get-logs", "-n", "abc", "--init"],
        ["model", "list", "--resource-group=x"],
        ["model", "show", "-g", "x"],
        ["endpoint", "realtime", "list"],
        ["model", "package"],
        ["service", "update"],
    ],
)
def test_what_azure_had_and_the_studio_has_not_is_refused_by_name(slipway, arguments):
    ran = slipway(*arguments)
    assert ran.code == 2 and "is not supported here" in ran.err and "Azure" in ran.err


def test_a_misspelt_option_is_not_mistaken_for_azures(slipway):
    ran = slipway("model", "list", "--lattest")
    assert ran.code == 2 and "No such option" in ran.err and "Azure" not in ran.err


def test_help_hides_the_one_dash_spellings_and_azures_other_options(slipway):
    text = slipway("model", "deploy", "--help").out
    assert "--ic" in text and " -ic" not in text and "--lo" not in text


def test_another_workspace_can_be_named(slipway, fake):
    slipway("-w", "team two", "model", "list")
    assert fake.requests[-1].path == "/api/v1/workspaces/team two/models"


def test_a_configuration_file_can_be_named(slipway, config, monkeypatch):
    monkeypatch.setenv("SLIPWAY_CONFIG", "/nothing.json")
    assert slipway("model", "list").code == 1
    assert slipway("--config", config, "model", "list").code == 0


@pytest.mark.parametrize("command", [["model", "deploy"], ["model", "profile"], ["profile", "list"]], ids=" ".join)
def test_help_loads_nothing_that_it_does_not_need(command):
    code = (
        f"import sys; from slipway.cli import main; main([*{command}, '--help']); "
        "print(sorted({'urllib3', 'yaml', 'jmespath'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_has_seen_enough_is_no_error(config):
    ran = subprocess.run(
        f"{sys.executable} -m slipway model deploy --help | head -1; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == "" and ran.stdout.splitlines()[0].startswith("Usage:")
