"""Profiles: what a model needs and what load it takes, measured by the studio on sizes of a target."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slipway import names
from slipway.again import passes
from slipway.errors import ProfileFailed, SlipwayError
from slipway.http import Api, segment
from slipway.inference import Inference
from slipway.logs import RECONNECT_WITHIN_S
from slipway.uploads import uploaded

POLL_S = 1.0
PAGE_PROFILES = 255

Profile = dict[str, Any]
Point = dict[str, Any]


def start(
    api: Api,
    *,
    models: Sequence[str],
    name: str | None = None,
    target: str | None = None,
    inference: Inference | None = None,
    samples: str | None = None,
    samples_format: str | None = None,
    cpu: Sequence[float] = (),
    memory_gb: Sequence[float] = (),
    concurrency: Sequence[int] = (),
    goal_p95_ms: float | None = None,
    goal_requests_per_second: float | None = None,
    share: float | None = None,
    budget_minutes: float | None = None,
    try_onnx: bool | None = None,
    description: str = "",
) -> Profile:
    """Asks for a profile and returns it at once, queued. What is left out is the studio's to choose.

    `samples` is text: jsonl, each line a request's body, or csv, a table with a heading; `samples_format` says which
    where it is not to be guessed. `cpu` is in cores, `memory_gb` in GB of 1024 MB, `concurrency` in requests at a time.
    The goals are what the recommended size must hold, `share` the part of the target that may be used, 0.05 to 1.

    Raises InvalidName for names that break the rules, and ApiError where the studio refuses: profile-exists,
    profile-name-invalid, profile-settings-invalid, samples-invalid, and what deploying is refused for.
    """
    for model in models:
        names.model_reference(model)
    if name is not None:
        names.profile_name(name)
    goal = {"p95_ms": goal_p95_ms, "requests_per_second": goal_requests_per_second}
    wishes = {
        "name": name,
        "models": list(models),
        "target": target,
        "description": description or None,
        "inference_config": inference and inference.config,
        "samples": samples,
        "samples_format": samples_format,
        "cpu": list(cpu) or None,
        "memory_gb": list(memory_gb) or None,
        "concurrency": list(concurrency) or None,
        "goal": {key: value for key, value in goal.items() if value is not None} or None,
        "share": share,
        "budget_minutes": budget_minutes,
        "try_onnx": try_onnx,
    }
    asked = {key: value for key, value in wishes.items() if value is not None}
    if not inference or not inference.files:
        return api.post(f"{api.root}/profiles", asked)
    with uploaded(api, inference.files) as upload:
        return api.post(f"{api.root}/profiles", {**asked, "source": upload})


def profiles(api: Api, *, model: str | None = None, version: int | None = None) -> list[Profile]:
    """Summaries of the workspace's profiles; of one model or one of its versions, where they are given."""
    found: list[Profile] = []
    cursor = None
    while True:
        asked = {"model": model, "version": version, "limit": PAGE_PROFILES, "cursor": cursor}
        page = api.get(f"{api.root}/profiles", **asked)
        found += page["value"]
        cursor = page.get("next")
        if cursor is None:
            return found


def profile(api: Api, name: str) -> Profile:
    """The whole of it: settings, sizes with their points, recommendation. ApiError profile-not-found."""
    return api.get(_path(api, name))


def result(api: Api, name: str) -> dict[str, Any]:
    """With Azure's keys, such as `state` and `latencyPercentile95InMs`, as far as they are known. Where a size is
    recommended also with `cpu` (cores) and `memoryInGB`, as a deployment's configuration has them."""
    return api.get(f"{_path(api, name)}/result")


def sized(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """`found`, a result, itself; SlipwayError profile-unfinished when it recommends no size."""
    if "cpu" not in found:
        raise SlipwayError(
            f"The profile {found['name']} recommends no size",
            f"its state is {found['state']}",
            f"Look at it with `slipway profile log -n {found['name']}`.",
            code="profile-unfinished",
        )
    return found


def log(api: Api, name: str) -> str:
    """What happened while it was prepared and measured, line by line."""
    return api.text(f"{_path(api, name)}/log")


def points_csv(api: Api, name: str) -> str:
    """Everything that was measured, a line for each point, below a heading with the units."""
    return api.text(f"{_path(api, name)}/points.csv")


def points(measured: Profile) -> list[Point]:
    """The points of a whole profile, each with its size's number, `cpu` (cores), `memory_gb`, `onnx` and `purpose`.

    What was used of these at the point is `cpu_used` (cores) and `memory_bytes`."""
    return [
        {"size": size["id"], **{key: size[key] for key in ("cpu", "memory_gb", "onnx", "purpose")}}
        | {"cpu_used" if key == "cpu" else key: value for key, value in point.items()}
        for size in measured["sizes"]
        for point in size["points"]
    ]


def cancel(api: Api, name: str) -> Profile:
    """It ends after what it measures now; what was measured stays. ApiError profile-finished when it has ended."""
    return api.post(f"{_path(api, name)}/cancel", {})


def resume(api: Api, name: str) -> Profile:
    """Goes on with what was not measured yet. ApiError profile-running when it is under way."""
    return api.post(f"{_path(api, name)}/resume", {})


def delete(api: Api, name: str) -> None:
    """ApiError profile-running while it is under way."""
    api.delete(_path(api, name))


def wait(
    api: Api,
    started: Profile,
    *,
    on_state: Callable[[Profile], None] = lambda now: None,
    on_gap: Callable[[], None] = lambda: None,
) -> Profile:
    """Looks every POLL_S seconds until the profile has finished, and returns it as it ended: see `checked`.

    `on_state` is told the whole profile each time, `on_gap` once of each lost connection. A studio that stays away
    longer than RECONNECT_WITHIN_S ends the wait with the last error."""
    lost_at: float | None = None
    while True:
        try:
            now = profile(api, started["name"])
            lost_at = None
            on_state(now)
            if now["finished"]:
                return now
        except SlipwayError as exc:
            if not passes(exc):
                raise
            if lost_at is None:
                lost_at = time.monotonic()
                on_gap()
            if time.monotonic() - lost_at > RECONNECT_WITHIN_S:
                raise
        time.sleep(POLL_S)


def checked(ended: Profile) -> Profile:
    """`ended` itself, or ProfileFailed with the cause the studio gives."""
    name, failure = ended["name"], ended.get("failure") or {}
    if ended["status"] == "failed":
        raise ProfileFailed(
            f"The profile {name} failed", failure.get("detail", ""), failure.get("advice", ""), profile=ended
        )
    if ended["status"] == "cancelled":
        advice = failure.get("advice") or f"Go on with `slipway profile resume -n {name}`."
        raise ProfileFailed(f"The profile {name} was cancelled", failure.get("detail", ""), advice, profile=ended)
    return ended


def _path(api: Api, name: str) -> str:
    return f"{api.root}/profiles/{segment(names.profile_name(name))}"
