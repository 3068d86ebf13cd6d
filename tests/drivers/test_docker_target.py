"""What only the docker target promises: bounds, isolation, images that run anywhere."""

import json
import socket
from dataclasses import replace

import pytest
from workbench import ECHO, MB, RUNTIME, eventually, package_spec, quiet, status

from drivers.base import EnvironmentSpec, Phase
from drivers.docker import DockerDriver
from drivers.docker import workloads as docker_workloads
from drivers.errors import (
    BaseImageMissing,
    DriverError,
    NameTaken,
    PythonUnavailable,
    RequirementsUnsolvable,
    TargetUnavailable,
)
from drivers.ports import free_port

PROBE = """
import json, os, tempfile
def init():
    pass
def run(raw):
    facts = {"uid": os.getuid(), "home": os.environ["HOME"]}
    for folder in ("/", os.environ["AML_APP_ROOT"], "/opt/slipway", "/tmp"):
        try:
            tempfile.TemporaryFile(dir=folder).close()
            facts[folder] = "writable"
        except OSError:
            facts[folder] = "read-only"
    lines = open("/proc/self/status").read().splitlines()
    facts["capabilities"] = [line.split()[1] for line in lines if line.startswith("CapEff")]
    return facts
"""


@pytest.fixture
def container(docker_bench, engine):
    def of(**changes):
        return engine.containers.get(docker_bench.running(**changes).name)

    return of


def test_limits_are_the_workloads(container):
    limits = container(cpu=0.5, memory_bytes=200 * MB).attrs["HostConfig"]
    assert limits["NanoCpus"] == 500_000_000
    assert limits["Memory"] == limits["MemorySwap"] == 200 * MB
    assert limits["PidsLimit"] == 512


def test_a_container_has_no_privileges(container):
    facts = container().attrs
    assert facts["Config"]["User"] == "65532:65532"
    assert facts["HostConfig"]["CapDrop"] == ["ALL"]
    assert facts["HostConfig"]["SecurityOpt"] == ["no-new-privileges"]
    assert facts["HostConfig"]["ReadonlyRootfs"]
    assert facts["HostConfig"]["Init"]
    assert not facts["HostConfig"]["Privileged"]


def test_a_container_listens_on_loopback_alone(container):
    (binding,) = container().attrs["NetworkSettings"]["Ports"]["5001/tcp"]
    assert binding["HostIp"] == "127.0.0.1"


def test_a_script_may_write_to_tmp_and_nowhere_else(docker_bench):
    facts = json.loads(docker_bench.score(docker_bench.running(PROBE)))
    assert facts["uid"] == 65532
    assert facts["home"] == "/tmp"
    assert facts["capabilities"] == ["0000000000000000"]
    assert (facts["/tmp"], facts["/"], facts["/var/azureml-app"]) == ("writable", "read-only", "read-only")
    assert facts["/opt/slipway"] == "read-only"


def test_a_package_runs_anywhere(docker_bench, engine):
    """As `docker run -p PORT:5001 IMAGE` does it: with nothing but the image and a port."""
    package, port = docker_bench.package(PROBE), free_port()
    container = engine.containers.run(package.location, detach=True, ports={"5001/tcp": ("127.0.0.1", port)})
    try:
        eventually(lambda: status(f"http://127.0.0.1:{port}/ready") == 200, 15)
    finally:
        container.remove(force=True)


def test_the_environment_is_compiled_and_its_commands_start_its_python(docker_bench, engine):
    script = "import tabulate, os; print(os.path.exists(tabulate.__cached__))"
    location = docker_bench.environment("tabulate").location
    assert engine.containers.run(location, ["-c", script], remove=True) == b"True\n"
    command = ["/opt/slipway/environment/bin/tabulate"]
    assert b"tabulate" in engine.containers.run(location, ["--help"], entrypoint=command, remove=True)


def test_a_package_published_as_source_only_is_not_built_on_the_studios_machine(docker_bench):
    with pytest.raises(RequirementsUnsolvable, match="docopt") as refused:
        docker_bench.environment("docopt==0.6.2")
    assert "source only" in refused.value.advice


def test_the_runtime_is_compiled(docker_bench, engine):
    script = "import slipway_scoring.app as app, os; print(os.path.exists(app.__cached__))"
    python = ["/opt/slipway/environment/bin/python", "-c", script]
    assert engine.containers.run(docker_bench.package().location, entrypoint=python, remove=True) == b"True\n"


def test_a_new_model_version_costs_one_small_layer(docker_bench, engine):
    environment = docker_bench.environment()
    package = docker_bench.package("# another version\n" + ECHO)
    layers = [engine.images.get(each).attrs["RootFS"]["Layers"] for each in (environment.location, package.location)]
    assert layers[1][:-1] == layers[0]
    sizes = [engine.images.get(each).attrs["Size"] for each in (environment.location, package.location)]
    assert sizes[1] - sizes[0] < MB


def test_the_size_of_an_environment_is_what_it_adds_to_its_base(docker_bench, engine):
    environment = docker_bench.environment()
    base = engine.images.get("python:3.11-slim").attrs["Size"]
    assert environment.size_bytes == engine.images.get(environment.location).attrs["Size"] - base


def test_nothing_is_left_of_a_build(docker_bench, engine):
    package = docker_bench.package("# leaves nothing\n")
    builds = {package.digest[:32], package.environment.fingerprint}
    names = {each.name for each in engine.containers.list(all=True, ignore_removed=True)}
    assert not [name for name in names for build in builds if name.startswith(f"slipway-build-{build[:32]}")]
    assert list(docker_bench.home.glob("environments/[!.]*")) == []


def test_a_foreign_container_keeps_its_name(docker_bench, engine):
    workload = docker_bench.workload()
    foreign = engine.containers.create("python:3.11-slim", name=workload.name)
    try:
        with pytest.raises(NameTaken, match=workload.name) as refused:
            docker_bench.driver.apply(workload)
        assert refused.value.advice
        assert engine.containers.get(workload.name).id == foreign.id
    finally:
        foreign.remove()


def test_a_port_taken_meanwhile_is_not_insisted_on(docker_bench, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1], free_port()])
        monkeypatch.setattr(docker_workloads, "free_port", lambda: next(ports))
        handle = docker_bench.running()
    assert docker_bench.driver.observe(handle).phase is Phase.RUNNING


def test_more_cores_than_the_engine_has_are_refused_with_its_words(docker_bench):
    with pytest.raises(DriverError, match=r"(?i)cpus"):
        docker_bench.driver.apply(docker_bench.workload(cpu=1000))


def test_a_base_image_that_is_nowhere_is_named(docker_bench):
    spec = EnvironmentSpec("3.11", (), base_image="slipway.invalid/no/such-image:1")
    with pytest.raises(BaseImageMissing, match=r"slipway\.invalid/no/such-image:1") as refused:
        docker_bench.driver.prepare_environment(spec, quiet)
    assert "docker pull" in refused.value.advice


def test_a_base_image_with_another_python_is_refused(docker_bench):
    spec = EnvironmentSpec("3.9", (), base_image="python:3.11-slim")
    with pytest.raises(PythonUnavailable, match=r"has Python 3\.11"):
        docker_bench.driver.prepare_environment(spec, quiet)


@pytest.mark.parametrize("address", ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:9"])
def test_an_engine_that_does_not_answer_is_said_with_advice(tmp_path, address):
    driver = DockerDriver(tmp_path, RUNTIME, base_url=address)
    for asked in (driver.check, lambda: driver.list("anyone")):
        with pytest.raises(TargetUnavailable) as refused:
            asked()
        assert "DOCKER_HOST" in refused.value.advice


def test_a_package_whose_image_was_removed_is_said(docker_bench):
    workload = docker_bench.workload()
    docker_bench.driver.remove_package(workload.package.location)
    with pytest.raises(DriverError, match="gone from the engine"):
        docker_bench.driver.apply(workload)


def test_a_package_on_a_removed_environment_is_said(docker_bench):
    package = docker_bench.package()
    gone = replace(package.environment, location="slipway-env:gone", fingerprint="gone")
    with pytest.raises(DriverError, match="slipway-env:gone is gone"):
        docker_bench.driver.build_package(package_spec("# nowhere to lay it\n"), gone, quiet)
