"""Containers of one test module, which are gone with it, and what nobody else has made is touched."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import docker
from docker.models.containers import Container

from tests.live.appimage import LABEL

MIB = 1024 * 1024
T = TypeVar("T")
# Longer than any test: a container that a killed run leaves behind ends by itself.
ASLEEP = ["sleep", "900"]


class Fleet:
    """Starts containers named `fathom-live-TOKEN-PURPOSE`; `glob` fits all of them and no others."""

    def __init__(self, client: docker.DockerClient, image: str, token: str) -> None:
        self.client = client
        self.image = image
        self.token = token
        self.prefix = f"fathom-live-{token}-"
        self.glob = f"{self.prefix}*"
        self._mark = {LABEL: "live", f"{LABEL}.run": token}

    def name(self, purpose: str) -> str:
        """The name that a container for this purpose has."""
        return self.prefix + purpose

    def create(self, purpose: str, command: list[str] | None = None, **options: Any) -> Container:
        """A container that was not started; `options` are the Docker SDK's, and `image` where it is another one."""
        options.setdefault("network_mode", "none")
        image = options.pop("image", self.image)
        labels = {**self._mark, **options.pop("labels", {})}
        return self.client.containers.create(
            image, command or ASLEEP, name=self.name(purpose), labels=labels, **options
        )

    def run(self, purpose: str, command: list[str] | None = None, **options: Any) -> Container:
        """A started container, with what the engine says of it now."""
        container = self.create(purpose, command, **options)
        container.start()
        container.reload()
        return container

    def remove(self) -> None:
        """Remove them all, and the volumes they had."""
        selector: dict[str, str | list[str] | bool] = {"label": [f"{key}={value}" for key, value in self._mark.items()]}
        for container in self.client.containers.list(all=True, filters=selector, ignore_removed=True):
            container.remove(force=True, v=True)


def pid_of(container: Container) -> int:
    """PID of the container's first process, as the engine says."""
    return int(container.attrs["State"]["Pid"])


def sleeps(pid: int) -> bool:
    """Whether a process has come to the `sleep` that the command of a test's container ends in."""
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() == "sleep"


def eventually(get: Callable[[], T], seconds: float = 20) -> T:
    """The first true answer of `get`; fails where there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := get()):
        assert time.monotonic() < deadline, f"still {answer!r} after {seconds} s"
        time.sleep(0.05)
    return answer
