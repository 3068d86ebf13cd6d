"""Why a deployment failed, in a form that page, API and command line all show."""

import json
from dataclasses import asdict, dataclass

from drivers.base import Observed
from drivers.errors import DriverError

_MARK = "SLIPWAY-BOOT-FAILED "
_BOOT_ADVICE = {
    "entry-script-syntax": "Correct the line named above and deploy again.",
    "entry-script-import": "Add the missing package to the environment, or correct the import.",
    "entry-script-contract": "The script needs init() without arguments and run() with at least one.",
    "init-failed": "The traceback shows the line; the log lists what lies under AZUREML_MODEL_DIR.",
    "model-not-loadable": "Check that the file is complete and was saved by the framework it is registered with.",
    "model-ambiguous": "Register exactly one model file, or deploy with an entry script that picks one.",
    "model-missing": "Register the model's file, or deploy with an entry script.",
    "framework-missing": "Add the package to the environment.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """`step` is where it happened; `traceback` is the user's own code's, when it was theirs that failed."""

    code: str
    detail: str
    advice: str = ""
    step: str = ""
    traceback: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


class DeploymentFailed(Exception):
    """Ends the pipeline with a stated cause."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


def of_driver(error: DriverError, step: str) -> Failure:
    return Failure(error.code, str(error), error.advice, step)


def of_boot_line(text: str) -> Failure | None:
    """The cause the runtime printed as it gave up (`SLIPWAY-BOOT-FAILED {…}`); None for any other line."""
    if not text.startswith(_MARK):
        return None
    try:
        said = json.loads(text[len(_MARK) :])
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    code = str(said.get("code", "boot-failed"))
    return Failure(
        code=code,
        detail=str(said.get("message", "The model could not be loaded.")),
        advice=str(said.get("advice") or _BOOT_ADVICE.get(code, "The log above shows what the workload wrote.")),
        traceback=str(said.get("traceback", "")),
    )


_END_ADVICE = {
    "image-not-pulled": "Check that the cluster's nodes reach the registry under the same name, and its password.",
    "target-refused": "Change the cluster's policy, or what the deployment asks for, then deploy again.",
    "out-of-memory": "Give it more memory.",
}


def of_end(seen: Observed) -> Failure:
    """A workload that ended before it was ready, and did not say why."""
    if seen.code in {"image-not-pulled", "target-refused"}:
        return Failure(seen.code, seen.detail, _END_ADVICE[seen.code])
    how = f" with exit code {seen.exit_code}" if seen.exit_code is not None else ""
    detail = f"The workload ended{how} before it was ready{': ' + seen.detail if seen.detail else ''}."
    out_of_memory = "memory" in seen.detail or seen.exit_code == 137
    advice = _END_ADVICE["out-of-memory"] if out_of_memory else "The log above shows what it wrote before it ended."
    return Failure("workload-ended", detail.replace("..", "."), advice)


def of_no_room(seen: Observed, timeout_s: float) -> Failure:
    """A workload that the cluster found no room for."""
    return Failure(
        seen.code or "unschedulable",
        f"The cluster has had no room for it for {timeout_s:g} s. {seen.detail}",
        "Ask for less CPU or memory, make room, or add a node; SLIPWAY_SCHEDULE_TIMEOUT_S allows more time.",
    )


def of_time(timeout_s: float, last_answer: str) -> Failure:
    return Failure(
        "not-ready-in-time",
        f"The workload was not ready within {timeout_s:g} s. {last_answer}".strip(),
        "Look for what init() waits for; SLIPWAY_START_TIMEOUT_S allows more time.",
    )
