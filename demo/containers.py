"""The demo's containers: one for each thing that the kernel can do with a limit or a namespace."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.models.containers import Container

from demo import LABEL, OF_CONTAINER, PREFIX, cgroups, image
from lab import LabError

MIB = 1024 * 1024
LIMITED_BYTES = 64 * MIB
OWN_LIMIT_BYTES = 256 * MIB
ANCESTOR_LIMIT_BYTES = 128 * MIB
DECLARED_BYTES = 96 * MIB
DRIFTED_BYTES = 160 * MIB  # below memory + swap as declared, which version 1 does not let a limit pass
CPUS = 0.5
PIDS = 64

WEB = PREFIX + "unlimited"
DRIFTED = PREFIX + "drifted"
ANCESTOR = PREFIX + "ancestor"
_IDLE = ["sleep", "infinity"]
_PAGE_TIMEOUT_SECONDS = 15


@dataclass(frozen=True)
class Sample:
    """A container, what it is there to show, and what the Docker SDK is asked for it."""

    name: str
    shows: str
    options: Mapping[str, Any] = field(default_factory=dict)


def samples(cgroup_parent: str) -> list[Sample]:
    """All of them; `cgroup_parent` is a cgroup with a limit of ANCESTOR_LIMIT_BYTES."""
    return [
        Sample(WEB, "no limit at all; it serves the page", {"ports": {f"{image.PORT}/tcp": ("127.0.0.1", None)}}),
        Sample(PREFIX + "limited", "64 MiB", {"mem_limit": LIMITED_BYTES}),
        Sample(
            ANCESTOR,
            f"256 MiB of its own, below {cgroup_parent} that has only 128 MiB",
            {"mem_limit": OWN_LIMIT_BYTES, "cgroup_parent": cgroup_parent},
        ),
        Sample(PREFIX + "host-network", "the host's network", {"network_mode": "host", "command": _IDLE}),
        Sample(
            PREFIX + "shared-network",
            f"the network of {WEB}",
            {"network_mode": f"container:{WEB}", "command": _IDLE},
        ),
        Sample(DRIFTED, "96 MiB for the engine, 160 MiB in the kernel", {"mem_limit": DECLARED_BYTES}),
        Sample(
            PREFIX + "cpus-pids",
            "half a CPU, 64 processes",
            {"nano_cpus": round(CPUS * 1_000_000_000), "pids_limit": PIDS},
        ),
    ]


def start(client: docker.DockerClient, sample: Sample) -> Container:
    """Start it; a leftover of an earlier demo makes way, anybody else's container does not."""
    return client.containers.run(
        image.TAG, name=sample.name, labels={LABEL: OF_CONTAINER}, detach=True, **dict(sample.options)
    )


def refuse_foreign(client: docker.DockerClient, wanted: list[Sample]) -> None:
    """Raise LabError where a name that the demo needs belongs to a container that it did not make."""
    names = {sample.name for sample in wanted}
    for container in client.containers.list(all=True):
        if container.name in names and not _ours(container):
            raise LabError(
                f"a container {container.name} that the demo did not make is there: rename or remove it first"
            )


def drift(container: Container, limit_bytes: int) -> None:
    """Set a limit in the kernel and tell the engine nothing."""
    container.reload()
    limit_file = cgroups.memory_cgroup(container.attrs["State"]["Pid"]).limit_file
    limit_file.write_text(str(limit_bytes), encoding="ascii")


def page_url(container: Container) -> str:
    """Where the page is published; LabError unless it is really served there."""
    container.reload()
    bindings = container.ports.get(f"{image.PORT}/tcp")
    if not bindings:
        raise LabError(f"{container.name} ended, or the engine published no port of it: docker logs {container.name}")
    host, port = bindings[0]["HostIp"], int(bindings[0]["HostPort"])
    url = f"http://{host}:{port}/"
    deadline = time.monotonic() + _PAGE_TIMEOUT_SECONDS
    while True:
        problem = _page_problem(host, port)
        if problem is None:
            return url
        if time.monotonic() > deadline:
            raise LabError(f"{container.name} should serve a page at {url}, but: {problem}")
        time.sleep(0.2)


def remove(client: docker.DockerClient) -> list[str]:
    """Remove every container that a demo made; their names."""
    found = client.containers.list(all=True, filters={"label": f"{LABEL}={OF_CONTAINER}"})
    for container in found:
        container.remove(force=True, v=True)
    return sorted(str(container.name) for container in found)


def foreign(client: docker.DockerClient) -> list[str]:
    """Names of the running containers that no demo made."""
    return sorted(str(container.name) for container in client.containers.list() if not _ours(container))


def _ours(container: Container) -> bool:
    return bool(container.labels.get(LABEL) == OF_CONTAINER)


def _page_problem(host: str, port: int) -> str | None:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        served = answer.status == http.HTTPStatus.OK and f"<h1>{image.TITLE}</h1>" in answer.read().decode()
        return None if served else f"the answer was {answer.status}, without the page's title"
    except (OSError, http.client.HTTPException) as error:
        return str(error)
    finally:
        connection.close()
