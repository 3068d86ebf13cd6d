"""What a version carries besides its files, as it is given when the version is registered."""

import pytest

from registry import services
from registry.errors import SignatureInvalid
from registry.models import ModelVersion
from tests import objects
from workspaces.errors import Invalid

pytestmark = pytest.mark.django_db


def test_a_version_carries_all_that_is_said_of_it(place, contributor):
    parent = objects.version(place, contributor)
    said = {
        "metrics": {"acc": 0.93, "epochs": 7}, "parameters": {"C": "1.0"},
        "datasets": [("training", "iris-2026"), ("training", "iris-2025"), ("test", "iris-test")],
        "sample_input": {"data": [[5.1, 3.5]]}, "sample_output": ["setosa"],
        "signature": {"inputs": [{"name": "height", "type": "double", "shape": [-1, 4]}], "outputs": []},
        "cpu": 0.5, "memory_gb": 2, "gpu": 0, "experiment_name": "iris", "run_id": "run-7", "script": "train.py",
        "git_repository": "https://example.org/iris.git", "git_branch": "main", "git_commit": "a" * 40,
        "parent": "digits:1",
    }  # fmt: skip
    version = ModelVersion.objects.get(pk=objects.version(place, contributor, **said).pk)
    assert version.metric_map == {"acc": 0.93, "epochs": 7.0} and version.parameter_map == {"C": "1.0"}
    assert version.dataset_map == {"training": ["iris-2025", "iris-2026"], "test": ["iris-test"]}
    assert (version.sample_input, version.sample_output) == ({"data": [[5.1, 3.5]]}, ["setosa"])
    assert version.signature["inputs"][0]["name"] == "height"
    assert (version.cpu, version.memory_gb, version.gpu, version.parent) == (0.5, 2.0, 0, parent)
    for field in ("experiment_name", "run_id", "script", "git_repository", "git_branch", "git_commit"):
        assert getattr(version, field) == said[field]


def test_a_parent_may_be_named_by_its_alias_and_is_kept_as_the_version_it_was(place, contributor):
    first, second = objects.version(place, contributor), objects.version(place, contributor)
    services.set_alias(model=first.model, name="champion", version=first, by=contributor)
    child = objects.version(place, contributor, "small", parent="digits@champion")
    services.set_alias(model=first.model, name="champion", version=second, by=contributor)
    child.refresh_from_db()
    assert child.parent == first


def test_a_child_outlives_its_parent(place, contributor):
    parent = objects.version(place, contributor)
    child = objects.version(place, contributor, "small", parent="digits:1")
    services.delete_version(version=parent, by=contributor)
    child.refresh_from_db()
    assert child.parent is None


def test_a_parent_in_another_workspace_is_as_unknown_as_none(place, contributor, stranger):
    objects.version(objects.workspace("elsewhere"), stranger, "theirs")
    for parent in ("theirs:1", "none:1"):
        with pytest.raises(Invalid, match="The parent cannot be found") as refusal:
            objects.version(place, contributor, parent=parent)
        assert "parent" in refusal.value.extras["errors"] and refusal.value.advice


def test_a_parent_is_not_one_of_another_workspace_its_author_belongs_to(place, contributor):
    elsewhere = objects.workspace("elsewhere")
    elsewhere.memberships.create(user=contributor, role="contributor")
    objects.version(elsewhere, contributor, "theirs")
    with pytest.raises(Invalid, match="The parent cannot be found"):
        objects.version(place, contributor, parent="theirs:1")


def test_a_password_in_the_repositorys_address_is_not_kept(place, contributor):
    version = objects.version(place, contributor, git_repository="https://eve:secret@example.org/iris.git")
    assert version.git_repository == "https://example.org/iris.git"
    kept = objects.version(place, contributor, git_repository="ssh://git@example.org/iris.git")
    assert kept.git_repository == "ssh://git@example.org/iris.git"


def nested(levels: int) -> list:
    junk: list = []
    for _ in range(levels):
        junk = [junk]
    return junk


NAN = float("nan")
WRONG = [
    ({"metrics": {"acc": NAN}}, "'acc' is not a finite number"),
    ({"metrics": {"acc": float("inf")}}, "'acc' is not a finite number"),
    ({"metrics": {"acc": 10**400}}, "'acc' is not a finite number"),
    ({"metrics": {"acc": "0.9"}}, "'acc' is not a number"),
    ({"metrics": {"acc": True}}, "'acc' is not a number"),
    ({"metrics": {"acc": None}}, "'acc' is not a number"),
    ({"metrics": {"a" * 10_000: 1}}, "has 10000 characters"),
    ({"metrics": {" ": 1}}, "key of metrics is empty"),
    ({"metrics": {"a\x00": 1}}, "control characters"),
    ({"metrics": {"a\ud800": 1}}, "control characters"),
    ({"metrics": {str(n): n for n in range(1001)}}, "There are 1001 metrics"),
    ({"parameters": {"a" * 10_000: "1"}}, "has 10000 characters"),
    ({"parameters": {"a": "b" * 501}}, "has 501 characters"),
    ({"parameters": {"": "1"}}, "key of parameters is empty"),
    ({"parameters": {"a": ["b"]}}, "is not text"),
    ({"tags": {str(n): "" for n in range(1001)}}, "There are 1001"),
    ({"datasets": [("", "iris")]}, "key of datasets is empty"),
    ({"datasets": [("training", " ")]}, "names no dataset"),
    ({"datasets": [("training", "x" * 501)]}, "has 501 characters"),
    ({"sample_input": "x" * 300_000}, "300,002 bytes; 262,144 is the most"),
    ({"sample_input": nested(1000)}, "nested more than 100 levels"),
    ({"sample_input": nested(1_000_000)}, "nested more than 100 levels"),
    ({"sample_input": [NAN]}, "a number that JSON does not know"),
    ({"sample_input": {"a": "b\x00"}}, "NUL"),
    ({"sample_input": {"\x00": 1}}, "NUL"),
    ({"sample_output": "\ud800"}, "surrogate"),
    ({"signature": {"inputs": "x"}}, "is a list"),
    ({"cpu": 0}, "cpu is more than 0"),
    ({"cpu": NAN}, "cpu is more than 0"),
    ({"memory_gb": -1}, "memory_gb is more than 0"),
    ({"memory_gb": 10**400}, "memory_gb is more than 0"),
    ({"gpu": 0.5}, "gpu is a whole number"),
    ({"gpu": -1}, "gpu is a whole number"),
    ({"git_commit": "a" * 65}, "has 65 characters"),
    ({"run_id": "a\nb"}, "control characters"),
    ({"script": "x" * 10_000}, "has 10000 characters"),
    ({"parent": "digits:0"}, "is not name:version"),
    ({"parent": "x" * 10_000}, "The parent cannot be found"),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_breaks_a_rule_is_refused_and_registers_nothing(place, contributor, wrong, said):
    with pytest.raises(Invalid) as refusal:
        objects.version(place, contributor, **wrong)
    assert said in refusal.value.detail and refusal.value.advice
    assert len(refusal.value.detail) < 600
    assert not ModelVersion.objects.exists()


def test_a_backslash_before_u0000_is_no_nul(place, contributor):
    sample = {"a": "\\u0000", "b": "\\\\u0000"}
    version = objects.version(place, contributor, sample_input=sample)
    version.refresh_from_db()
    assert version.sample_input == sample


def test_a_signature_that_is_none_is_refused_by_its_own_name(place, contributor):
    with pytest.raises(SignatureInvalid):
        objects.version(place, contributor, signature={"inputs": [{"shape": "x"}]})
