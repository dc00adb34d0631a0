# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Podman is told. That it does so is for the tests on a real one: tests/vm/test_engine_update.py."""

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import MemorySettings
from ansible_collections.fathom.containers.plugins.module_utils.engines.podman import Podman
from ansible_collections.fathom.containers.plugins.module_utils.errors import EngineError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.tests.unit.fake_engine import docker, engine, inspected, reply
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, A

SETTINGS = MemorySettings(64 * MIB, 96 * MIB, None)


def podman(version="5.4.2", update=None, after=None):
    """The answers of a Podman that has one container; ``after``: how it is described after an update."""
    updated = []
    answers = docker(inspected(A, PidsLimit=77), update=update or reply(b"a" * 64 + b"\n", 201))

    def answer(target):
        if target == "/_ping":
            return [reply(b"OK", headers=[f"Libpod-Api-Version: {version}"] if version else [])]
        if target.endswith("/update"):
            updated.append(target)
        elif updated and after is not None:
            return [reply(after)]
        return answers(target)

    return answer


def update(settings, **said):
    """(the warnings, the targets, what was sent)."""
    with engine(podman(**said)) as fake:
        client = Podman(fake.path, 5)
        try:
            return client.update(client.describe(A), settings), fake.targets, fake.bodies
        finally:
            client.close()


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ((64 * MIB, 96 * MIB, None), {"limit": 64 * MIB, "swap": 96 * MIB}),
        ((64 * MIB, UNLIMITED, None), {"limit": 64 * MIB, "swap": -1}),
        ((UNLIMITED, UNLIMITED, None), {"limit": -1, "swap": -1}),
        ((64 * MIB, 64 * MIB, 16 * MIB), {"limit": 64 * MIB, "swap": 64 * MIB, "reservation": 16 * MIB}),
        ((64 * MIB, 64 * MIB, 0), {"limit": 64 * MIB, "swap": 64 * MIB, "reservation": 0}),
    ],
)
def test_it_is_told_in_its_own_api(settings, sent):
    warnings, targets, bodies = update(MemorySettings(*settings))
    assert (warnings, bodies) == ([], [{"memory": sent}])
    assert f"/v5.4.2/libpod/containers/{A}/update" in targets


def test_a_failure_of_the_runtime():
    answer = reply({"cause": "x", "message": "crun update failed: exit status 1", "response": 500}, 500)
    with pytest.raises(EngineError, match=r"/update on .* answered 500: 'crun update failed: exit status 1'"):
        update(SETTINGS, update=answer)


def test_a_limit_that_was_lost_on_the_way_is_told():
    with pytest.raises(EngineError, match="podman changed more than it was told to: pids_limit from 77 to None"):
        update(SETTINGS, after=inspected(A))


def test_a_container_that_ended_meanwhile_has_lost_nothing():
    assert update(SETTINGS, after=inspected(A, PidsLimit=77, status="exited"))[0] == []


@pytest.mark.parametrize(
    ("version", "runs", "said"),
    [
        ("5.4.0", True, None),
        ("5.10.1-dev", True, None),
        ("6.0.0", True, None),
        ("5.3.2", True, "5.3.2 does not keep what is changed, or takes other limits away with it; 5.4 and later"),
        ("4.3.1", True, "4.3.1 does not keep what is changed"),
        ("main", True, "main does not keep what is changed"),
        ("5.4.0", False, "tells of a container that does not run what it had when it last did"),
    ],
)
def test_what_it_can_not_note(version, runs, said):
    with engine(podman(version)) as fake:
        client = Podman(fake.path, 5)
        objection = client.objection(SETTINGS, 2, runs)
        client.close()
    assert objection is None if said is None else objection.startswith(said)


def test_an_engine_that_is_no_podman():
    with engine(podman(version=None)) as fake:
        client = Podman(fake.path, 5)
        with pytest.raises(EngineError, match=r"/_ping on .* answered what it should not"):
            client.objection(SETTINGS, 2, True)
        client.close()


def test_it_is_asked_for_its_version_once():
    with engine(podman()) as fake:
        client = Podman(fake.path, 5)
        for _time in range(3):
            assert client.objection(SETTINGS, 2, True) is None
        client.close()
    assert fake.targets == ["/_ping"]
