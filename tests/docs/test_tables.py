"""Tables that list what the code knows list all of it, and nothing else."""

import ast
import re

from django.urls import URLResolver, get_resolver

from deployments import deployment_config, failures, inference_config
from deployments import errors as deployment_errors
from deployments.deploy_form import SIZES
from deployments.states import ServiceState, Step
from drivers.errors import DriverError
from drivers.kubernetes import observing
from metrics import errors as metrics_errors
from profiling import transitions
from registry import errors as registry_errors
from studio import env, http_errors
from tests.docs.conftest import section, tables
from tests.running import ROOT
from workspaces.errors import Refusal


def firsts(table: list[list[str]]) -> list[str]:
    return [row[0] for row in table]


def descendants(kind: type) -> set[type]:
    return {kind}.union(*(descendants(each) for each in kind.__subclasses__()))


def called_with(name: str, position: int, *folders: str) -> set[str]:
    """The literal texts that functions called `name` get at `position`, in all modules of these folders."""
    modules = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    calls = (node for path in modules for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == name]
    given = [call.args[position] for call in named if len(call.args) > position]
    return {each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def test_settings():
    shown = [
        (row[0], "" if row[1] == "—" else row[1], row[2]) for row in tables(section("operate.md", "## Settings"))[0]
    ]
    assert shown == [(s.name, s.default, s.meaning.replace("`", "")) for s in env.SETTINGS]


def test_keys_of_deployment_configurations():
    honoured, sizes, without_effect = tables(section("deploy.md", "## Deployment configuration"))
    assert set(firsts(honoured)) == deployment_config._HONOURED
    assert set(firsts(sizes)) == deployment_config._SIZES | {"gpu"}
    assert dict(without_effect) == deployment_config._WITHOUT_EFFECT


def test_defaults_of_deployment_configurations():
    config = deployment_config.DeploymentConfig()
    shown = {row[0]: row[2] for row in tables(section("deploy.md", "## Deployment configuration"))[0]}
    assert shown["scoringTimeoutMs"] == str(config.scoring_timeout_ms)
    assert shown["maxConcurrentRequestsPerContainer"] == str(config.max_concurrent)
    assert shown["maxQueueWaitMs"] == str(config.max_queue_wait_ms)
    assert shown["authEnabled"] == str(config.auth_enabled).lower()


def test_keys_of_inference_configurations():
    top, environment, python = tables(section("deploy.md", "## Inference configuration"))
    assert set(firsts(top)) == inference_config._TOP
    assert {row[0] for row in top if row[1] == "refused"} == inference_config._CANNOT
    assert set(firsts(environment)) == inference_config._ENVIRONMENT
    assert set(firsts(python)) == inference_config._PYTHON


def test_sizes_steps_and_states():
    sizes = tables(section("deploy.md", "## Sizes"))[0]
    assert sizes == [[str(size.title), f"{size.cpu:g}", f"{size.memory_gb:g}"] for size in SIZES]
    assert firsts(tables(section("deploy.md", "## Steps"))[0]) == Step.labels
    assert firsts(tables(section("deploy.md", "## States of a service"))[0]) == ServiceState.values


def test_codes_of_failed_deployments():
    shown = firsts(tables(section("logs-and-failures.md", "## Why a deployment failed"))[0])
    of_studio = called_with("Failure", 0, "deployments") | {"boot-failed"}
    of_runtime = called_with("BootFailure", 0, "scoring/slipway_scoring") | set(failures._BOOT_ADVICE)
    of_targets = {kind.code for kind in descendants(DriverError)}
    of_clusters = {observing.UNSCHEDULABLE, observing.QUOTA, observing.IMAGE}
    assert sorted(shown) == sorted(of_studio | of_runtime | of_targets | of_clusters)


def test_codes_of_failed_profiles():
    whole, of_size = (firsts(table) for table in tables(section("profile.md", "## Why a profile failed")))
    made = called_with("Failure", 0, "profiling") - {"studio-error"}
    assert sorted({*whole, *of_size}) == sorted(made | {transitions.NOT_MEASURED, "out-of-memory", "workload-ended"})


def test_codes_of_refusals():
    # Imported, so that their classes are known.
    assert {deployment_errors, metrics_errors, registry_errors, http_errors}
    shown = firsts(tables(section("logs-and-failures.md", "## What is refused at once"))[0])
    ours = {kind for kind in descendants(Refusal) if not kind.__module__.startswith("tests")}
    assert sorted(shown) == sorted({kind.code for kind in ours} - {"refused"})


def test_statuses_of_the_gateway():
    source = ast.parse((ROOT / "gateway" / "problems.py").read_text())
    made = [
        node for node in ast.walk(source) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
    ]
    shown = [tuple(row[:2]) for row in tables(section("score.md", "## Statuses of the gateway"))[0]]
    assert shown == sorted((str(call.args[0].value), call.args[1].value) for call in made)


def test_addresses_of_the_api():
    shown = firsts(tables(section("api.md", "## All addresses"))[0])
    there = {_as_shown(address) for address in _addresses(get_resolver().url_patterns) if address.startswith("api/v1/")}
    assert sorted(shown) == sorted(there)


def _addresses(patterns, before: str = ""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield before + str(pattern.pattern)


def _as_shown(address: str) -> str:
    address = re.sub(r"<(?:\w+:)?(\w+?)(?:_id)?>", lambda found: f"{{{found[1]}}}", address.removeprefix("api/v1/"))
    address = address.replace("workspaces/{workspace}/", "W/")
    return address.replace("{upload}", "{id}").replace("{deployment}", "{id}")
