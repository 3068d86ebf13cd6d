"""Starting, stopping and forgetting profiles, and what is refused."""

import json
import zlib

import pytest

from deployments.errors import EntryScriptNeeded, TargetUnavailable
from profiling import services
from profiling.errors import (
    ProfileExists,
    ProfileFinished,
    ProfileNameInvalid,
    ProfileRunning,
    ProfileSettingsInvalid,
    SamplesInvalid,
)
from profiling.models import Profile
from profiling.states import SizeState, Status
from registry.errors import VersionNotFound
from registry.models import Upload
from registry.services import record_sample_input
from tests import objects
from tests.profiling.measured import SAMPLES, ended, started

SCRIPT = {"score.py": b"def init(): pass\n\ndef run(data): return 1\n"}


def bodies(profile: Profile) -> list[str]:
    return json.loads(zlib.decompress(profile.samples.bodies))


def test_a_profile_keeps_what_was_asked(start):
    profile = start(description="for the demo", cpu=[0.5, 1], goal={"p95_ms": 100})
    assert (profile.name, profile.status, profile.description) == ("digits-1", Status.QUEUED, "for the demo")
    assert [(size.cpu, size.memory_gb) for size in profile.sizes.all()] == [(1, 1), (0.5, 1)]
    assert bodies(profile) == SAMPLES.splitlines()
    assert (profile.samples_source, profile.samples_count, profile.samples_bytes) == ("upload", 3, 66)


def test_names_are_made_from_the_model(start):
    assert [start(**more).name for more in ({}, {"models": ["digits:1"]}, {"models": ["digits:1"]})] == [
        "digits-1",
        "digits-1-2",
        "digits-1-3",
    ]


def test_a_name_is_given_once(start):
    start(name="mine")
    with pytest.raises(ProfileExists, match="'mine' already exists in workspace 'vision'"):
        start(name="mine", models=["digits:1"])
    assert Profile.objects.count() == 1


@pytest.mark.parametrize("name", ["", "compare", "a b", "../x", "-x", "x" * 101, "a/b"])
def test_names_that_break_the_rule_are_refused(start, name):
    if name == "":
        assert start(name=name).name == "digits-1"
        return
    with pytest.raises(ProfileNameInvalid, match=r"cannot be a profile's name|the address of another page"):
        start(name=name)
    assert not Profile.objects.exists()


def test_the_versions_own_sample_is_sent_when_nothing_is_given(place, contributor, start):
    version = objects.version(place, contributor, "sampled")
    record_sample_input(version=version, sample_input={"data": [[1, 2]]})
    profile = start(models=["sampled:1"], samples=None)
    assert (bodies(profile), profile.samples_source) == (['{"data": [[1, 2]]}'], "version")


def test_without_any_sample_it_asks_for_one(start):
    with pytest.raises(ProfileSettingsInvalid, match="There is no sample request") as refused:
        start(samples=None)
    assert list(refused.value.extras["errors"]) == ["samples"]


def test_samples_that_cannot_be_read_name_their_line(start):
    with pytest.raises(SamplesInvalid, match="Line 2"):
        start(samples='{"data": 1}\n{"data": \n')


def test_a_script_is_profiled_with_its_files(place, contributor, start):
    sent = objects.upload(place, contributor, SCRIPT)
    profile = start(source=sent, inference_config={"entryScript": "score.py"})
    assert [file.path for file in profile.files.all()] == ["score.py"]
    assert profile.inference_config["entry_script"] == "score.py"
    assert not Upload.objects.filter(pk=sent.pk).exists()


def test_what_deploying_refuses_is_refused_here(place, contributor, start):
    objects.version(place, contributor, "custom", framework="Custom")
    for wanted, error in (
        ({"models": ["nothing:1"]}, VersionNotFound),
        ({"models": ["custom:1"]}, EntryScriptNeeded),
        ({"target": "docker"}, TargetUnavailable),
        ({"cpu": 64}, ProfileSettingsInvalid),
    ):
        with pytest.raises(error):
            start(**wanted)
    assert not Profile.objects.exists()


def test_one_that_waits_is_cancelled_at_once(start):
    profile = services.cancel_profile(profile=start())
    assert (profile.status, profile.finished_time is not None) == (Status.CANCELLED, True)
    assert {size.state for size in profile.sizes.all()} == {SizeState.SKIPPED}
    with pytest.raises(ProfileFinished, match="is cancelled already"):
        services.cancel_profile(profile=profile)


def test_one_under_way_is_asked_to_stop(start, rings, django_capture_on_commit_callbacks):
    profile = start()
    Profile.objects.filter(pk=profile.pk).update(lease_owner="a worker", status=Status.MEASURING)
    with django_capture_on_commit_callbacks(execute=True):
        assert services.cancel_profile(profile=profile).cancel_requested
    assert rings[-1] == ("run_profile", profile.pk)


def test_resuming_brings_back_what_was_not_measured(start, rings):
    profile = services.cancel_profile(profile=start())
    again = services.resume_profile(profile=profile)
    assert (again.status, again.cancel_requested, again.finished_time) == (Status.QUEUED, False, None)
    assert {size.state for size in again.sizes.all()} == {SizeState.WAITING}
    with pytest.raises(ProfileRunning, match="is queued"):
        services.resume_profile(profile=profile)


def test_nothing_is_resumed_of_what_is_measured(start):
    profile = ended(start())
    with pytest.raises(ProfileFinished, match="has measured all there is"):
        services.resume_profile(profile=profile)


def test_one_under_way_is_not_deleted(start):
    profile = start()
    with pytest.raises(ProfileRunning, match="is queued"):
        services.delete_profile(profile=profile)
    services.delete_profile(profile=ended(profile))
    assert not Profile.objects.exists()


def test_a_model_can_be_deleted_and_the_profile_stays(place, contributor, driver, rings):
    objects.target(place)
    profile = ended(started(place, contributor))
    profile.model_links.get().version.delete()
    assert Profile.objects.get().model_references == ["digits:1"]
