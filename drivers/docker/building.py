"""Images made from a container: fill it, run a step in it, commit it."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
from docker.errors import NotFound


def scratch_name(what: str, cache: Path) -> str:
    """Of the one container that builders below `cache` use for `what`. Other studios on the engine have others."""
    return f"slipway-build-{what[:32]}-{hashlib.sha256(bytes(cache.resolve())).hexdigest()[:8]}"


@contextmanager
def scratch(api: docker.APIClient, name: str, image: str, **options: object) -> Iterator[str]:
    """A container to build in, gone afterwards. One that a dead attempt left under `name` goes first: whoever builds
    the same holds a lock below the same cache."""
    discard(api, name)
    container = api.create_container(image, name=name, **options)["Id"]
    try:
        yield container
    finally:
        discard(api, container)


def discard(api: docker.APIClient, container: str) -> None:
    with suppress(NotFound):
        api.remove_container(container, force=True, v=True)


def run(api: docker.APIClient, container: str) -> int:
    """Start `container` and wait for its end; its exit code."""
    api.start(container)
    return api.wait(container)["StatusCode"]


def commit(api: docker.APIClient, container: str, repository: str, tag: str, config: Mapping[str, object]) -> None:
    """The image appears under its tag whole. `config` is data of the API, not text of a Dockerfile:
    whatever people typed into names and variables is nothing but a value there."""
    api.commit(container, repository=repository, tag=tag, conf=dict(config))


def image_or_none(api: docker.APIClient, reference: str) -> dict | None:
    try:
        return api.inspect_image(reference)
    except NotFound:
        return None
