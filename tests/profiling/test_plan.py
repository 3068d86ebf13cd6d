"""What may be asked of a profile, and what is measured when nothing is asked."""

import pytest

from profiling.errors import ProfileSettingsInvalid
from profiling.plan import CONCURRENCY, Goal, Plan, read_plan
from tests import objects

GIB = 1024**3


@pytest.fixture
def docker(place):
    return objects.target(place, "docker", cpu=4, memory_bytes=16 * GIB)


def plan(target, model_bytes=1000, convertible=False, **asked) -> Plan:
    return read_plan(asked, target, model_bytes, convertible=convertible)


def test_without_wishes_azures_range_is_tried_as_far_as_half_of_the_target_reaches(docker):
    made = plan(docker)
    assert made.cpu == [2.0, 1.0, 0.5, 0.1]
    assert made.memory_gb == [2.0]
    assert made.concurrency == list(CONCURRENCY)
    assert made.search_memory
    assert (made.goal, made.try_onnx, made.share) == (None, False, 0.5)


def test_a_larger_share_allows_larger_sizes(docker):
    assert plan(docker, share=1).cpu[0] == 3.5


def test_a_large_model_gets_more_memory_to_begin_with(docker):
    assert plan(docker, model_bytes=GIB).memory_gb == [5.0]
    assert plan(docker, model_bytes=100 * GIB).memory_gb == [8.0]  # half of what is there


def test_a_target_that_does_not_limit_cpu_gets_one_size(place):
    assert plan(objects.target(place, "process", cpu=8)).cpu == [1.0]


def test_sizes_that_are_named_are_all_tried_largest_first_and_once(docker):
    made = plan(docker, cpu=[0.5, 1, 0.5], memory_gb=[0.25, 1], concurrency=[4, 1])
    assert made.sizes == [(1.0, 1.0), (1.0, 0.25), (0.5, 1.0), (0.5, 0.25)]
    assert made.concurrency == [1, 4]
    assert not made.search_memory


def test_one_number_is_a_list_of_one(docker):
    assert plan(docker, cpu=1, memory_gb=0.5).sizes == [(1.0, 0.5)]


def test_graphs_are_tried_of_models_that_can_be_converted_unless_nobody_wants_it(docker):
    assert plan(docker, convertible=True).try_onnx
    assert not plan(docker, convertible=True, try_onnx=False).try_onnx


def test_a_plan_is_kept_as_json(docker):
    made = plan(docker, goal={"p95_ms": 100, "requests_per_second": 20})
    assert Plan.from_dict(made.as_dict()) == made
    assert made.goal == Goal(100.0, 20.0)


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"cpu": 3}, "cpu", "docker: it has 4, of which a profile may use 50%"),
        ({"memory_gb": [1, 9]}, "memory_gb", "it has 16, of which"),
        ({"cpu": 0.05}, "cpu", "from 0.1 to 256, not 0.05"),
        ({"cpu": "1"}, "cpu", "must be a number"),
        ({"memory_gb": [True]}, "memory_gb", "must be a number"),
        ({"concurrency": [0]}, "concurrency", "a whole number from 1 to 512"),
        ({"concurrency": [1.5]}, "concurrency", "a whole number"),
        ({"share": 2}, "share", "from 0.05 to 1"),
        ({"budget_minutes": 0}, "budget_minutes", "from 1 to 240"),
        ({"goal": {"p95": 1}}, "goal", "A goal has p95_ms"),
        ({"goal": {"p95_ms": -1}}, "goal.p95_ms", "from 0.01"),
        ({"goal": 5}, "goal", "A goal has p95_ms"),
        ({"cpu": [n / 10 for n in range(1, 20)], "memory_gb": [1, 2, 3]}, "cpu", "57 sizes are too many"),
    ],
)
def test_what_cannot_be_measured_is_refused_by_field(docker, asked, field, said):
    with pytest.raises(ProfileSettingsInvalid) as refused:
        plan(docker, **asked)
    assert said in refused.value.detail
    assert list(refused.value.extras["errors"]) == [field]
    assert refused.value.advice
