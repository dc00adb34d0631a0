"""The containers that the bench measures on: made by it, labelled, and removed afterwards, nothing else is touched.

They hold one process that waits, on an image of one static program; a third has no limits at all, a third a memory
limit, a third limits of every kind. `python -m bench.containers` removes what a killed bench has left.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import docker
from docker.errors import DockerException, NotFound

from bench import CHECKOUT, BenchError, compiler

LABEL = "fathom.bench"
PREFIX = "fathom-bench-"
_IMAGE = "fathom-bench/pause"
_LIMITS: tuple[dict[str, Any], ...] = (
    {},
    {"mem_limit": "64m"},
    {"mem_limit": "96m", "memswap_limit": "128m", "nano_cpus": 500_000_000, "pids_limit": 64},
)
# An engine starts containers one by one for the most part: more callers than this only queue.
_CALLERS = 4


class Herd:
    """The bench's containers on one engine; it only ever grows, so that the smaller sizes cost nothing again."""

    def __init__(self, client: docker.DockerClient) -> None:
        self.engine = client
        self.ids: list[str] = []

    def grow(self, size: int) -> None:
        """Start containers until there are `size` of them."""
        with ThreadPoolExecutor(_CALLERS) as callers:
            self.ids += callers.map(self._start, range(len(self.ids), size))

    def _start(self, number: int) -> str:
        container = self.engine.containers.run(
            _IMAGE,
            name=f"{PREFIX}{number:04d}",
            labels={LABEL: str(number)},
            detach=True,
            network_mode="none",
            **_LIMITS[number % len(_LIMITS)],
        )
        return str(container.id)


@contextmanager
def herd() -> Iterator[Herd]:
    """No container of the bench before, those that `grow` makes meanwhile, none afterwards."""
    client = engine()
    try:
        _remove(client)
        _import_image(client)
        yield Herd(client)
    except DockerException as error:
        raise BenchError(f"the engine did not do what the bench's containers need: {error}") from error
    finally:
        _remove(client)
        with suppress(DockerException):
            client.images.remove(_IMAGE)
        client.close()


def engine() -> docker.DockerClient:
    """The engine that DOCKER_HOST names, or the one on the default socket."""
    return docker.DockerClient.from_env(timeout=120)


def _import_image(client: docker.DockerClient) -> None:
    program = compiler.program("pause", CHECKOUT / "bench" / "pause.c", "-static")
    repository, _colon, _tag = _IMAGE.partition(":")
    client.api.import_image_from_data(
        _tarball(program), repository=repository, tag="latest", changes=['ENTRYPOINT ["/pause"]']
    )


def _tarball(program: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(program, arcname="pause")
    return packed.getvalue()


def _remove(client: docker.DockerClient) -> None:
    def remove(container: Any) -> None:
        with suppress(NotFound):
            container.remove(force=True)

    with ThreadPoolExecutor(_CALLERS) as callers:
        list(callers.map(remove, client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)))


if __name__ == "__main__":
    _remove(engine())
