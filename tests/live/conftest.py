"""Fixtures of the tests on this machine's own engine: see fleet.py for the containers and plays.py for the runs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import docker
import pytest

from lab import engine
from tests.live import appimage
from tests.live.cgrouptree import CgroupTree
from tests.live.fleet import Fleet


@pytest.fixture(scope="session")
def client() -> Iterator[docker.DockerClient]:
    """The engine of this machine; one that is started for the tests is stopped after them."""
    started = engine.up()
    client = docker.DockerClient(base_url=f"unix://{engine.SOCKET}", timeout=120)
    yield client
    client.close()
    if started:
        engine.down()


@pytest.fixture(scope="session")
def image(client: docker.DockerClient) -> str:
    return appimage.image(client)


@pytest.fixture(scope="module")
def fleet(client: docker.DockerClient, image: str) -> Iterator[Fleet]:
    """Containers that live as long as the test module."""
    fleet = Fleet(client, image, secrets.token_hex(3))
    try:
        yield fleet
    finally:
        fleet.remove()


@pytest.fixture(scope="module")
def tree(client: docker.DockerClient, fleet: Fleet) -> Iterator[CgroupTree]:
    """Cgroups made by hand, which go with the test module."""
    if client.info()["CgroupDriver"] != "cgroupfs":
        reason = "cgroups made by hand need Docker's cgroupfs driver; under systemd's they are its own to make"
        # Where a machine is set up for these tests, what they need is part of it.
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    tree = CgroupTree(f"fathom-live-{secrets.token_hex(3)}")
    try:
        yield tree
    finally:
        # A cgroup that still has a container in it can't be removed.
        try:
            fleet.remove()
        finally:
            tree.remove()
