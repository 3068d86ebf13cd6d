"""`slipway model verify`."""

import pytest

ONE = {"path": "model.pkl", "sha256": "a" * 64, "size": 5, "outcome": "ok"}


@pytest.fixture
def found(fake):
    def answering(*files: dict):
        intact = all(file["outcome"] == "ok" for file in files)
        fake.on("POST", "/models/cancer/versions/2/verify", {"id": "cancer:2", "intact": intact, "files": list(files)})

    return answering


def test_files_that_are_as_registered_are_listed(slipway, found):
    found(ONE)
    ran = slipway("model", "verify", "-i", "cancer:2")
    assert ran.code == 0 and ran.json == [ONE]


def test_damage_is_an_error_that_says_what_to_do(slipway, found):
    found(ONE, ONE | {"path": "weights", "outcome": "changed"}, ONE | {"path": "extra", "outcome": "missing"})
    ran = slipway("model", "verify", "-i", "cancer:2")
    assert ran.code == 1 and len(ran.json) == 3
    assert "ERROR: Stored files of cancer:2 are damaged: weights, extra" in ran.err
    assert "Register the same files again" in ran.err
