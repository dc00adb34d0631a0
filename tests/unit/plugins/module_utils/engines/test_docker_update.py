# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Docker is told. That it does so is for the tests on a real one: tests/live/test_engine_update.py, tests/vm."""

from __future__ import annotations

import mmap

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import MemorySettings
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.errors import EngineError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.tests.unit.fake_engine import docker, engine, inspected, reply
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, A

HIGHEST = (2**63 - 1) // mmap.PAGESIZE * mmap.PAGESIZE


def update(settings, answer=None, info=None, **host_config):
    """(the warnings, what was sent)."""
    with engine(docker(inspected(A, **host_config), update=answer, info=info)) as fake:
        client = Docker(fake.path, 5)
        try:
            return client.update(client.describe(A), settings), fake.bodies
        finally:
            client.close()


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ((64 * MIB, 96 * MIB, None), {"Memory": 64 * MIB, "MemorySwap": 96 * MIB}),
        ((64 * MIB, UNLIMITED, None), {"Memory": 64 * MIB, "MemorySwap": -1}),
        # The largest for both would be a limit of swap of nothing on cgroup v2.
        ((UNLIMITED, UNLIMITED, None), {"Memory": HIGHEST, "MemorySwap": -1}),
        (
            (64 * MIB, 64 * MIB, 16 * MIB),
            {"Memory": 64 * MIB, "MemorySwap": 64 * MIB, "MemoryReservation": 16 * MIB},
        ),
        # It has none.
        ((64 * MIB, 64 * MIB, 0), {"Memory": 64 * MIB, "MemorySwap": 64 * MIB}),
    ],
)
def test_memory_and_swap_always_go_together(settings, sent):
    assert update(MemorySettings(*settings)) == ([], [sent])


def test_a_reservation_is_taken_back_on_v1():
    settings = MemorySettings(64 * MIB, 64 * MIB, 0)
    _warnings, sent = update(settings, info={"CgroupVersion": "1"}, MemoryReservation=8 * MIB)
    assert sent == [{"Memory": 64 * MIB, "MemorySwap": 64 * MIB, "MemoryReservation": -1}]


def test_a_reservation_that_would_become_endless_on_v2_is_not_touched():
    settings = MemorySettings(64 * MIB, 64 * MIB, 0)
    with engine(docker(inspected(A, MemoryReservation=8 * MIB), info={"CgroupVersion": "2"})) as fake:
        client = Docker(fake.path, 5)
        with pytest.raises(EngineError, match="docker can't take back a reservation"):
            client.update(client.describe(A), settings)
        client.close()
    assert fake.bodies == []


def test_its_warnings():
    answer = reply({"Warnings": ["Memory limited without swap."]})
    warnings, _sent = update(MemorySettings(64 * MIB, UNLIMITED, None), answer)
    assert warnings == ["Memory limited without swap."]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            reply({"message": "Cannot update: device or resource busy"}, 500),
            r"POST /containers/[0-9a-f]{64}/update on .* answered 500: .Cannot update: device or resource busy.",
        ),
        (reply({"message": "No such container: x"}, 404), "answered 404: 'No such container: x'"),
        (reply(b"gateway", 502), "answered 502: 'gateway'"),
        (reply({"message": "x" * 9999}, 500), "answered 500: 'x{500}'"),
        (reply([]), "answered what it should not"),
        (reply({"Warnings": 1}), "answered what it should not"),
        (reply(b""), "answered what it should not"),
    ],
)
def test_a_refusal_says_why(answer, message):
    with pytest.raises(EngineError, match=message):
        update(MemorySettings(64 * MIB, 64 * MIB, None), answer)


@pytest.mark.parametrize(
    ("settings", "memory_version", "said"),
    [
        ((6 * MIB, 6 * MIB, None), 2, None),
        ((6 * MIB - 4096, 6 * MIB, None), 2, "accepts no limit of memory below 6 MiB, and 6287360 bytes are wanted"),
        ((64 * MIB, UNLIMITED, 4096), 2, "accepts no reservation below 6 MiB, and 4096 bytes are wanted"),
        ((64 * MIB, UNLIMITED, 6 * MIB), 2, None),
        ((UNLIMITED, UNLIMITED, 0), 1, None),
        ((UNLIMITED, UNLIMITED, 0), 2, "can't take back a reservation that it has noted, on cgroup v2"),
        # Of a container that does not run nobody knows which it will be.
        ((UNLIMITED, UNLIMITED, 0), None, "can't take back a reservation that it has noted, on cgroup v2"),
    ],
)
def test_what_it_can_not_note(settings, memory_version, said):
    objection = Docker("/nowhere", 5).objection(MemorySettings(*settings), memory_version, True)
    assert objection is None if said is None else objection.startswith(said)


def test_the_same_engine_for_another_thread():
    with engine(docker(inspected(A))) as fake:
        client = Docker(fake.path, 5, None)
        client.describe(A)
        other = client.again()
        client.close()
        assert other.describe(A).id == A
        assert (other.name, other.socket) == ("docker", fake.path)
        other.close()
    assert fake.connections == 2
