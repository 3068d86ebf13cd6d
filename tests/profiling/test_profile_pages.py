"""Pages of one profile and of several: drawn from rows, read as HTML."""

import html
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from profiling import recommending
from profiling.models import Profile, ProfileLine
from profiling.run import Method
from profiling.serializers import deploy_url
from profiling.states import Mode, Purpose, SizeState, Status
from tests import objects
from tests.profiling.measured import MIB, ended, facts, size

COLD = {"pull_s": 0.0, "start_s": 1.5, "load_s": 0.5, "first_ms": 20.0}
TIMELINE = [[0.0, 0.4, 90 * MIB, 0.0, 1.0], [1.0, 0.98, 100 * MIB, 0.25, 1.0], [2.0, 0.9, 100 * MIB, 0.1, 2.0]]


@pytest.fixture
def profile(start) -> Profile:
    """Queued, of one size."""
    profile = start(name="digits-1")
    profile.sizes.all().delete()
    Profile.objects.filter(pk=profile.pk).update(method=Method().as_dict() | {"way": "direct", "cpu_limited": True})
    return Profile.objects.get(pk=profile.pk)


@pytest.fixture
def measured(profile) -> Profile:
    """Succeeded: half a CPU and a whole one, how little memory is enough, a recommendation."""
    size(profile, 0.5, (1, 90, 12), (2, 100, 25))
    size(
        profile, 1, (1, 200, 5), (2, 380, 6), (-190, 190, 8), cold_start=COLD, timeline=TIMELINE, idle_memory_bytes=MIB
    )
    size(profile, 1, (2, 300, 7), memory_bytes=128 * MIB, purpose=Purpose.MEMORY)
    died = {"code": "out-of-memory", "detail": "It ended while it answered 2 at a time: out of memory"}
    size(profile, 1, memory_bytes=64 * MIB, purpose=Purpose.MEMORY, state=SizeState.FAILED, failure=died, peak=None)
    Profile.objects.filter(pk=profile.pk).update(
        recommendation=recommending.recommend(profile), started_time=timezone.now(), finished_time=timezone.now()
    )
    return ended(profile)


def shown(user, address: str = "profiles/digits-1/") -> str:
    answer = objects.signed_in(user).get(f"/w/vision/{address}")
    assert answer.status_code == 200
    return answer.content.decode()


def words(page: str) -> str:
    """What is read, without its markup."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def numbers(page: str) -> dict:
    return json.loads(re.search(r'id="profile-data"[^>]*>(.*?)</script>', page, re.S)[1])


def test_the_recommendation_is_told_with_its_reasons_and_leads_to_deploying(measured, contributor):
    page = shown(contributor)
    assert "Deploy with this size" in page and f'href="{html.escape(deploy_url(measured))}"' in page
    for said in [*measured.recommendation["why"], measured.recommendation["why_not_smaller"]]:
        assert said in words(page)


def test_charts_tell_in_a_sentence_and_a_table_what_they_draw(measured, contributor):
    said = words(shown(contributor))
    assert "1 CPU, 1 GB reaches 380 requests/s, 2 at a time, with a p95 of 6 ms; 0.5 CPU, 1 GB reaches 100" in said
    assert "1 CPU, 1 GB: p95 is 5 ms, 1 at a time, and 6 ms, 2 at a time." in said
    assert "the largest part of 0.7 ms is “model” with 0.3 ms" in said
    assert "it used up to 0.98 of 1 cores. The limit held it back up to 25 % of the time." in said
    assert "128 MB was enough. 64 MB was not." in said
    assert "1 CPU, 1 GB gives the most for its CPU: 380 requests/s for each core" in said
    assert "1 CPU, 1 GB had answered after 2.02 s; most of it goes to starting." in said


def test_numbers_to_draw_are_those_of_the_rows(measured, contributor):
    drawn = numbers(shown(contributor))
    whole = next(each for each in drawn["sizes"] if each["id"] == drawn["size"])
    assert (whole["cpu"], whole["knee"], drawn["percentile"], drawn["log"]) == (1.0, 2.0, "95", True)
    assert [(point["mode"], point["load"]) for point in whole["points"]] == [
        ("closed", 1),
        ("closed", 2),
        ("open", 190),
    ]
    assert drawn["timeline"] == TIMELINE
    assert len(drawn["compared"]) == 2


def test_the_address_chooses_size_percentile_and_scale(measured, contributor):
    small = measured.sizes.get(cpu=0.5)
    page = shown(contributor, f"profiles/digits-1/?size={small.pk}&p=99&scale=linear")
    assert (numbers(page)["size"], numbers(page)["percentile"], numbers(page)["log"]) == (small.pk, "99", False)
    assert "0.5 CPU, 1 GB: p95 is 12 ms, 1 at a time" in words(page)
    assert f'<option value="{small.pk}" selected>' in page


def test_what_cannot_be_chosen_is_as_if_nobody_had_asked(measured, contributor):
    page = shown(contributor, "profiles/digits-1/?size=0&p=12&scale=zigzag")
    assert (numbers(page)["percentile"], numbers(page)["log"]) == ("95", True)


def test_a_size_that_died_is_listed_with_its_load_and_reason(measured, contributor):
    assert "1 CPU, 64 MB Died It ended while it answered 2 at a time: out of memory" in words(shown(contributor))


def test_the_method_is_told_in_the_profiles_own_numbers(measured, contributor):
    rule = Method(warm_up_s=0.7, window_s=2.5, agree=4, within=0.2, max_windows=9).as_dict()
    Profile.objects.update(method=rule | {"way": "direct", "cpu_limited": False})
    said = words(shown(contributor))
    assert "The first 0.7 s" in said and "windows of 2.5 s" in said and "last 4 windows lie within 20 %" in said
    assert "after 9 windows it is called unstable" in said
    assert "less than 3 % more throughput" in said and "at 50 % and 80 % of the highest throughput" in said
    assert "process does not limit CPU" in said


def test_a_page_of_ten_sizes_and_a_hundred_points_takes_few_queries(profile, contributor):
    for cpu in range(1, 11):
        size(profile, cpu, *((load, 100 * load, 5 + load) for load in range(1, 11)))
    Profile.objects.filter(pk=profile.pk).update(recommendation=recommending.recommend(profile))
    ended(profile)
    client = objects.signed_in(contributor)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get("/w/vision/profiles/digits-1/").status_code == 200
    assert len(asked) <= 15


def test_a_reader_sees_everything_and_is_offered_nothing(measured, reader):
    page = shown(reader)
    assert "Recommended size" in page and "380" in page
    for offered in ("Deploy with this size", 'action="/w/vision/profiles/digits-1/delete/"', "data-primary", "Resume"):
        assert offered not in page


def test_somebody_else_finds_no_profile(measured, stranger):
    client = objects.signed_in(stranger)
    answers = [client.get(f"/w/vision/profiles/{path}") for path in ("digits-1/", "compare/?name=digits-1")]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_while_it_runs_the_page_tells_how_far_it_is_and_can_be_stopped(profile, contributor):
    size(profile, 1, (1, 200, 5), state=SizeState.MEASURING)
    Profile.objects.update(status=Status.MEASURING, now="1 CPU, 1 GB: 2 at a time", started_time=timezone.now())
    page = shown(contributor)
    assert '<progress value="1"' in page and "1 CPU, 1 GB: 2 at a time" in page and 'data-parts-every="2"' in page
    assert 'action="/w/vision/profiles/digits-1/cancel/"' in page
    assert "Being measured" in page and "Delete" not in words(page)


def test_a_page_of_one_that_ended_asks_for_nothing_more(measured, contributor):
    assert "data-parts-every" not in shown(contributor)


def test_before_anything_is_measured_each_chart_says_so(profile, contributor):
    said = words(shown(contributor))
    for nothing in ("No load was measured yet.", "Nobody has read what a size holds yet.", "No size has started yet.",
                    "Waiting for its turn", "No point was measured yet."):  # fmt: skip
        assert nothing in said


@pytest.mark.parametrize(
    ("status", "state", "why"),
    [
        (Status.CANCELLED, SizeState.SKIPPED, "It was stopped before one size was measured."),
        (Status.SUCCEEDED, SizeState.FAILED, "No size lived through its measuring."),
        (Status.SUCCEEDED, SizeState.SKIPPED, "No size was measured to its end in the time there was."),
        (Status.FAILED, SizeState.SKIPPED, "The profile failed before it could."),
    ],
    ids=["stopped", "died", "out of time", "failed"],
)
def test_without_a_recommendation_the_page_says_why(profile, contributor, status, state, why):
    size(profile, 1, state=state, peak=None, failure={"code": "not-measured", "detail": "It was not measured."})
    ended(profile, status)
    said = words(shown(contributor))
    assert "Not enough was measured to recommend a size" in said and why in said
    assert "Resume" in said if state == SizeState.SKIPPED else "Resume" not in said


def test_without_its_target_the_page_says_so(profile, contributor):
    Profile.objects.update(target=None)
    ended(profile)
    assert "The target process is gone." in words(shown(contributor))


def test_a_failure_is_told_with_the_models_own_words_and_the_end_of_the_log(profile, contributor):
    failure = {"code": "samples-rejected", "detail": "Row 1 has 3 <values>; it expects 30.", "advice": "Give others."}
    Profile.objects.update(failure=failure)
    for seq, text in enumerate(["Building", "ValueError: <b>3</b> values"], 1):
        ProfileLine.objects.create(profile=profile, seq=seq, at=timezone.now(), step="run", stream="slipway", text=text)
    ended(profile, Status.FAILED)
    page = shown(contributor)
    assert "The model does not take the requests" in page and "What to do: Give others." in words(page)
    assert "Row 1 has 3 &lt;values&gt;" in page and "Building\nValueError: &lt;b&gt;3&lt;/b&gt; values" in page
    assert 'href="http://testserver/api/v1/workspaces/vision/profiles/digits-1/log"' in page


def test_what_a_model_answered_is_text(profile, contributor):
    made = size(profile, 1, (1, 200, 5))
    wrong = facts(0.0, None, errors=9, first_error={"status": 400, "body": "</script><script>alert(1)</script>"})
    made.points.create(mode=Mode.CLOSED, load=2, facts=wrong)
    Profile.objects.update(description="<img src=x>", target_name="<i>there</i>")
    ended(profile)
    page = shown(contributor)
    assert "<script>alert" not in page and "<img src=x>" not in page and "<i>there" not in page
    assert "first error: 400" in words(page)


def test_a_goal_that_is_not_met_and_a_version_that_is_gone_are_told(start, contributor):
    profile = start(name="digits-1", goal={"p95_ms": 1})
    size(profile, 1, (1, 200, 5))
    Profile.objects.filter(pk=profile.pk).update(recommendation=recommending.recommend(profile))
    ended(profile)
    profile.model_links.all().delete()
    said = words(shown(contributor))
    assert "Does not meet the goal" in said and "the goal of 1 ms is never kept" in said and "p95 ≤ 1 ms" in said
    assert "(deleted)" in said and "Deploy with this size" not in said


def test_the_generator_tells_where_it_was_the_limit(measured, contributor):
    point = measured.sizes.get(cpu=0.5).points.first()
    point.facts |= {"generator_bound": True, "stable": False}
    point.save()
    said = words(shown(contributor))
    assert "At 1 of 6 points it was the limit itself" in said and "the load generator was the limit" in said
