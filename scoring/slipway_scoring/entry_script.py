"""A user's entry script: `init()` once, `run()` for each call, as Azure ML v1's server called them."""

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

from slipway_scoring import raw_http, script_inputs, script_outputs
from slipway_scoring.dataplane import MOST_CALLS, Call, Outcome
from slipway_scoring.deadline import within
from slipway_scoring.errors import BootFailure, ScoringError, ScriptFailed
from slipway_scoring.log import logger, traceback_text

READS_HEADERS = "request_headers"
ANYTHING = {"type": "object", "example": {}}


def load(path: Path, timeout_ms: int, batching: bool = True) -> "EntryScript":
    """Imports the script at `path` and checks its shape; init() has not run yet.

    Raises BootFailure: entry-script-syntax, entry-script-import, entry-script-contract."""
    module = _import(path)
    for name in ("init", "run"):
        if not callable(getattr(module, name, None)):
            raise BootFailure(
                "entry-script-contract",
                f"{path.name} has no {name}() function. A script needs init() and run().",
            )
    run_batch = getattr(module, "run_batch", None) if batching else None
    return EntryScript(path.name, module.init, _run_function(module), run_batch, timeout_ms)


def _import(path: Path) -> ModuleType:
    if not path.is_file():
        raise BootFailure("entry-script-import", f"There is no entry script at {path}.")
    spec = importlib.util.spec_from_file_location("entry_module", path)
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and pickle look their module up by name.
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        where = f"{Path(error.filename or path).name}, line {error.lineno}"
        raise BootFailure("entry-script-syntax", f"{where}: {error.msg}") from error
    except BaseException as error:
        words = f"{path.name} could not be imported: {type(error).__name__}: {error}"
        raise BootFailure("entry-script-import", words) from error
    return module


def _run_function(module: ModuleType) -> Callable[..., Any]:
    # Azure's SDK generated scripts that wrap the user's own as `driver_module`: the outer init() may do more
    # than the inner one, the outer run() only forwards and loses the decorated arguments.
    inner = getattr(module, "driver_module", None)
    if isinstance(inner, ModuleType) and callable(getattr(inner, "run", None)):
        return inner.run
    return module.run


class EntryScript:
    speaks_dialects = False
    any_thread = False

    def __init__(
        self,
        name: str,
        init: Callable[[], None],
        run: Callable[..., Any],
        run_batch: Callable[[list], list] | None,
        timeout_ms: int,
    ) -> None:
        self._name = name
        self._init = init
        self._run = run
        self._run_batch = run_batch if callable(run_batch) else None
        self.most = MOST_CALLS if self._run_batch else 1
        self._timeout_ms = timeout_ms
        parameters = _parameters(run, name)
        self._reads_headers = READS_HEADERS in parameters
        self._decorated = _is_decorated(run)
        inputs = [parameter for parameter in parameters.values() if parameter.name != READS_HEADERS]
        if not inputs:
            raise BootFailure("entry-script-contract", f"run() in {name} takes no argument for the input data.")
        self.takes_options = raw_http.is_marked(run)
        if self.takes_options and self._decorated:
            raise BootFailure("entry-script-contract", f"run() in {name} is under @rawhttp and @input_schema: use one.")
        if self.takes_options:
            self._read = raw_http.Reader(inputs[0].name)
        else:
            self._read = script_inputs.Declared(inputs) if self._decorated else script_inputs.Raw(inputs[0].name)

    def init(self) -> None:
        """Raises BootFailure("init-failed")."""
        try:
            self._init()
        except BaseException as error:
            words = f"init() in {self._name} raised {type(error).__name__}: {error}"
            raise BootFailure("init-failed", words) from error

    def score(self, calls: list[Call], *, limited: bool = True) -> list[Outcome]:
        if self._run_batch is not None and len(calls) > 1:
            return self._together(calls)
        return [self._outcome(call) for call in calls]

    def _outcome(self, call: Call) -> Outcome:
        try:
            arguments = self._arguments(call)
            started = perf_counter()
            result = self._call(self._run, call.named, **arguments)
            elapsed_ms = (perf_counter() - started) * 1000
            return script_outputs.answer(result, elapsed_ms)
        except ScoringError as error:
            return error

    def _arguments(self, call: Call) -> dict[str, Any]:
        arguments = self._read(call)
        if self._reads_headers:
            arguments[READS_HEADERS] = script_inputs.header_dict(call.headers)
        return arguments

    def _call(self, function: Callable[..., Any], of: str, /, *args: Any, **kwargs: Any) -> Any:
        try:
            return within(self._timeout_ms, function, *args, **kwargs)
        except ScoringError as error:
            logger.error("%s() was stopped on %s: %s", function.__name__, of, error)
            raise
        except BaseException as error:
            logger.error("%s() failed on %s:\n%s", function.__name__, of, traceback_text(error))
            raise ScriptFailed from error

    def _together(self, calls: list[Call]) -> list[Outcome]:
        """`run_batch` gets what `run` would get of each, and gives as many results; one that is an exception is that
        call's alone. Where it fails as a whole, `run` is asked for each."""
        outcomes: list[Outcome] = [None] * len(calls)  # type: ignore[list-item]
        places, inputs = [], []
        for at, call in enumerate(calls):
            try:
                arguments = self._arguments(call)
            except ScoringError as error:
                outcomes[at] = error
                continue
            places.append(at)
            inputs.append(arguments if len(arguments) > 1 else next(iter(arguments.values())))
        started = perf_counter()
        try:
            results = list(self._call(self._run_batch, f"{len(inputs)} requests", inputs)) if inputs else []
        except ScoringError:
            results = None
        if results is None or len(results) != len(inputs):
            if results is not None:
                logger.error("run_batch() gave %d results for %d inputs; run() is called.", len(results), len(inputs))
            for at in places:
                outcomes[at] = self._outcome(calls[at])
            return outcomes
        elapsed_ms = (perf_counter() - started) * 1000
        for at, result in zip(places, results, strict=True):
            outcomes[at] = _of_batch(result, elapsed_ms)
        return outcomes

    def signature(self) -> dict[str, list]:
        """What a script takes and gives is its own, not the model's."""
        return {}

    def schemas(self, version: str) -> tuple[dict, dict] | None:
        if not self._decorated:
            return ANYTHING, ANYTHING
        from inference_schema import schema_util

        if version not in {known.removesuffix(".0") for known in schema_util.get_supported_versions(self._run)}:
            return None
        return schema_util.get_input_schema(self._run), schema_util.get_output_schema(self._run)


def _of_batch(result: Any, elapsed_ms: float) -> Outcome:
    if isinstance(result, BaseException):
        text = "".join(traceback.format_exception(result)).rstrip()
        logger.error("run_batch() gave an exception for one of its inputs:\n%s", text)
        return ScriptFailed()
    try:
        return script_outputs.answer(result, elapsed_ms)
    except ScoringError as error:
        return error


def _parameters(run: Callable[..., Any], name: str) -> Mapping[str, inspect.Parameter]:
    parameters = inspect.signature(run).parameters
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    if any(parameter.kind not in by_name for parameter in parameters.values()):
        raise BootFailure(
            "entry-script-contract",
            f"run() in {name} cannot take positional-only arguments, *args or **kwargs: arguments are passed by name.",
        )
    return parameters


def _is_decorated(run: Callable[..., Any]) -> bool:
    # Only a script that imported the package can have used its decorators.
    if "inference_schema.schema_decorators" not in sys.modules:
        return False
    from inference_schema.schema_util import is_schema_decorated

    return is_schema_decorated(run)
