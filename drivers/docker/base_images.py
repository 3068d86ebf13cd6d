"""The image an environment is laid on: found, pulled when missing, and asked what Python it has."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import docker
from docker.errors import APIError

from drivers.base import Log
from drivers.disk import write_atomically
from drivers.docker import building
from drivers.errors import BaseImageMissing, PythonUnavailable
from drivers.locks import exclusive

_ASK = """
import importlib.util, json, os, platform, sys
print(json.dumps({"version": platform.python_version(), "executable": os.path.realpath(sys.executable),
                  "machine": platform.machine(), "libc": "-".join(platform.libc_ver()),
                  "magic": importlib.util.MAGIC_NUMBER.hex()}))
"""
# The manylinux levels uv knows by name; wheels for a lower level run on every higher one.
_MANYLINUX = (17, 28, *range(31, 41))


@dataclass(frozen=True, slots=True)
class BaseImage:
    """`executable` is the image's own Python; `libc` such as "glibc-2.36", "-" for musl; `magic` the
    mark of its byte code."""

    id: str
    reference: str
    version: str
    executable: str
    machine: str
    libc: str
    magic: str

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])

    @property
    def uv_platform(self) -> str:
        glibc = re.fullmatch(r"glibc-2\.(\d+)", self.libc)
        if not glibc:
            return f"{self.machine}-unknown-linux-musl"
        level = max((each for each in _MANYLINUX if each <= int(glibc.group(1))), default=_MANYLINUX[0])
        return f"{self.machine}-manylinux_2_{level}"


def find(api: docker.APIClient, reference: str, python: str, *, cache: Path, log: Log) -> BaseImage:
    """Raises BaseImageMissing, or PythonUnavailable when the image's Python is another one."""
    facts = building.image_or_none(api, reference) or _pulled(api, reference, log)
    image = _known(cache, facts["Id"], reference)
    if image is None:
        with exclusive(_note(cache, facts["Id"]).with_suffix(".lock"), log=log, what="base image"):
            image = _known(cache, facts["Id"], reference) or _asked(api, facts["Id"], reference, python, cache)
    if image.version != python and not image.version.startswith(f"{python}."):
        raise PythonUnavailable(
            f"The base image {reference} has Python {image.version}, not {python}.",
            advice=f"Ask for Python {image.minor} in the environment, or name another base image.",
        )
    return image


def _pulled(api: docker.APIClient, reference: str, log: Log) -> dict:
    log("slipway", f"The base image {reference} is not on the engine yet; pulling it")
    name, tag = docker.utils.parse_repository_tag(reference)
    try:
        for event in api.pull(name, tag=tag or "latest", stream=True, decode=True):
            _tell(event, log)
        return api.inspect_image(reference)
    except APIError as exc:
        raise _missing(reference, exc.explanation) from exc


def _tell(event: dict, log: Log) -> None:
    if error := event.get("error"):
        raise APIError(error, explanation=error)
    if "progressDetail" not in event or not event["progressDetail"]:
        log("stdout", " ".join(filter(None, (event.get("id"), event.get("status")))))


def _missing(reference: str, why: object) -> BaseImageMissing:
    return BaseImageMissing(
        f"The base image {reference} is not on the engine and cannot be pulled: {why}",
        advice=f"Check the image's name, or bring it to the engine with `docker pull {reference}` or "
        "`docker load`, then deploy again.",
    )


def _known(cache: Path, image_id: str, reference: str) -> BaseImage | None:
    try:
        return BaseImage(**json.loads(_note(cache, image_id).read_text(encoding="utf-8")) | {"reference": reference})
    except FileNotFoundError:
        return None


def _asked(api: docker.APIClient, image_id: str, reference: str, python: str, cache: Path) -> BaseImage:
    """Ask the image's own Python, once per image: nothing outside it knows where it is and what it is."""
    for executable in (f"python{'.'.join(python.split('.')[:2])}", "python3", "python"):
        words = _output(api, image_id, executable, cache)
        if words is not None:
            image = BaseImage(id=image_id, reference=reference, **json.loads(words))
            write_atomically(_note(cache, image_id), json.dumps(asdict(image)))
            return image
    raise PythonUnavailable(
        f"The base image {reference} has no Python on its PATH.",
        advice=f"Name a base image with Python {python}, such as python:{python}-slim.",
    )


def _output(api: docker.APIClient, image_id: str, executable: str, cache: Path) -> bytes | None:
    """What `_ASK` prints under `executable`; None when the image has no such program."""
    name = building.scratch_name(f"ask-{image_id.removeprefix('sha256:')[:12]}-{executable}", cache)
    options = {"entrypoint": [executable], "command": ["-I", "-c", _ASK], "network_disabled": True}
    try:
        with building.scratch(api, name, image_id, **options) as container:
            return api.logs(container, stdout=True, stderr=False) if not building.run(api, container) else None
    except APIError as exc:
        if "executable file not found" in str(exc.explanation):
            return None
        raise


def _note(cache: Path, image_id: str) -> Path:
    return cache / "base-images" / f"{image_id.removeprefix('sha256:')}.json"
