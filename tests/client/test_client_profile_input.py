"""`slipway model deploy --profile-input`."""

from pathlib import Path

import pytest

KEY = "containerResourceRequirements"


@pytest.fixture
def deploy(slipway, fake, service, deployment):
    fake.on("POST", "/services", deployment, 202)
    fake.on("GET", "/services/cancer", service)

    def run(written, *arguments):
        if written is not None:
            Path("profile.json").write_text(written)
        return slipway("model", "deploy", "-n", "cancer", "-m", "cancer:2", "--no-wait", *arguments)

    return run


def sizes(fake):
    return fake.asked("POST", "/services")[0].data["deployment_config"][KEY]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('{"cpu": 0.5, "memoryInGB": 2, "recommendedCpu": 3}', {"cpu": 0.5, "memoryInGB": 2}),
        ('{"recommendedCpu": 1, "recommendedMemoryInGB": 0.25}', {"cpu": 1, "memoryInGB": 0.25}),
        ('{"cpu": null, "recommendedCpu": 1, "memoryInGB": 2}', {"cpu": 1, "memoryInGB": 2}),
        ('\ufeff{"cpu": 0.5}', {"cpu": 0.5}),
    ],
)
@pytest.mark.parametrize("name", ["--pi", "-pi", "--profile-input"])
def test_cpu_and_memory_are_those_of_the_profile(deploy, fake, written, expected, name):
    assert deploy(written, name, "profile.json").code == 0
    assert sizes(fake) == expected


def test_options_go_before_the_profile_and_the_profile_before_the_configuration(deploy, fake):
    Path("dc.json").write_text('{"containerResourceRequirements": {"cpu": 3, "memoryInGB": 3, "cpuLimit": 4}}')
    deploy('{"cpu": 0.5, "memoryInGB": 2}', "--pi", "profile.json", "--dc", "dc.json", "--gb", "1")
    assert sizes(fake) == {"cpu": 0.5, "memoryInGB": 1.0, "cpuLimit": 4}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (None, "cannot be read: profile.json: No such file"),
        ("cpu: 1", "is not JSON: profile.json: "),
        ("[1]", "names no size: profile.json holds no keys"),
        ('{"state": "Failed"}', "names no size: profile.json has neither cpu nor memoryInGB"),
        ('{"cpu": "much"}', 'names no usable size: profile.json: cpu is "much"'),
        ('{"cpu": true}', "cpu is true"),
        ('{"memoryInGB": 0}', "memoryInGB is 0"),
        ('{"recommendedMemoryInGB": NaN}', "recommendedMemoryInGB is NaN"),
    ],
)
def test_a_file_that_says_no_size_is_refused_before_anything_is_sent(deploy, fake, written, said):
    ran = deploy(written, "--pi", "profile.json")
    assert ran.code == 1 and said in ran.err and fake.requests == []
