# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose cgroup is read, and who else has a word on its limits."""

from __future__ import annotations

import os

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.discover import Found
from ansible_collections.fathom.containers.plugins.module_utils.containers.identify import Identity
from ansible_collections.fathom.containers.plugins.module_utils.containers.inventory import Container
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim, declare
from ansible_collections.fathom.containers.plugins.module_utils.errors import Gone
from ansible_collections.fathom.containers.plugins.module_utils.kernel.host import read_host
from ansible_collections.fathom.containers.plugins.module_utils.limits import state as module
from ansible_collections.fathom.containers.plugins.module_utils.limits.holders import NOTHING, Limits
from ansible_collections.fathom.containers.plugins.module_utils.limits.plan import Safety, make_plan
from ansible_collections.fathom.containers.plugins.module_utils.limits.request import read_headroom
from ansible_collections.fathom.containers.plugins.module_utils.limits.state import read_state
from ansible_collections.fathom.containers.tests.unit.hosttree import (
    MIB,
    V2,
    A,
    B,
    legacy_host,
    unified_host,
    v1_container,
    v2_container,
)

UNLIMITED = float("inf")
SAFETY = Safety(read_headroom("10%"), "reclaim", True)
POINT = "/sys/fs/cgroup"
SCOPE = f"/system.slice/docker-{A}.scope"
PODMAN = f"/machine.slice/libpod-{A}.scope"


@pytest.fixture
def tree(tmp_path):
    return unified_host(tmp_path)


def container(path, pids=(7,), claimed_pid=7, nested_in=None, engine="docker"):
    """Known to the kernel, and to its engine unless ``claimed_pid`` is False."""
    claim = Claim(A, "web", engine, "app", "running", claimed_pid, {}, declare())
    return Container(Found(Identity(engine, A, path), nested_in, list(pids)), None if claimed_pid is False else claim)


def state_of(tree, one):
    return read_state(read_host(tree.files, 4096), one)


def unit_file(tree, name, text, directory="/run/systemd/transient"):
    tree.write(f"{directory}/{name}", f"[Scope]\n{text}")


def test_a_container_with_all_that_a_change_is_judged_by(tree):
    v2_container(tree, SCOPE, 7, {"memory.max": 64 * MIB, "memory.swap.max": 0, "memory.low": 8 * MIB})
    state = state_of(tree, container(SCOPE))
    assert state.kernel == Limits(64 * MIB, 0, 8 * MIB)
    assert state.record == Limits(UNLIMITED, UNLIMITED, 0)
    assert (state.pid, state.memory_version, state.swap_accounting) == (7, 2, True)
    assert state.running.directories == [POINT + SCOPE]
    assert (state.running.use.usage_bytes, state.running.oom_kills) == (7782400, 0)
    assert (state.running.cgroup.path, state.running.cgroup.own) == (SCOPE, True)


def test_one_that_does_not_run_has_what_its_engine_noted(tree):
    claim = Claim(A, "web", "docker", "app", "exited", None, {}, declare(memory_bytes=64 * MIB, memory_swap_bytes=-1))
    state = state_of(tree, Container(None, claim))
    assert (state.running, state.kernel, state.record) == (None, NOTHING, Limits(64 * MIB, UNLIMITED, 0))


def test_the_identity_is_another_one_after_a_restart_and_after_a_new_cgroup(tree):
    v2_container(tree, SCOPE, 7)
    identity = state_of(tree, container(SCOPE)).running.identity
    assert identity == (7, 1000, os.stat(tree.root + POINT + SCOPE).st_ino)
    v2_container(tree, SCOPE, 7, start_time=2000)
    assert state_of(tree, container(SCOPE)).running.identity[:2] == (7, 2000)
    os.rename(tree.root + POINT + SCOPE, tree.root + POINT + "/old")
    v2_container(tree, SCOPE, 7)
    again = state_of(tree, container(SCOPE)).running.identity
    assert again[:2] == identity[:2]
    assert again != identity


def test_a_process_that_is_another_one_when_all_is_read_is_gone(tree, monkeypatch):
    v2_container(tree, SCOPE, 7)
    above = module._above

    def reuse(*words):
        v2_container(tree, SCOPE, 7, start_time=2000)
        return above(*words)

    monkeypatch.setattr(module, "_above", reuse)
    with pytest.raises(Gone):
        state_of(tree, container(SCOPE))


def test_the_ceiling_is_the_smallest_limit_above_and_not_its_own(tree):
    v2_container(tree, SCOPE, 7, {"memory.max": 64 * MIB})
    assert state_of(tree, container(SCOPE)).running.ceiling == (UNLIMITED, None)
    tree.write(f"{POINT}/system.slice/memory.max", 512 * MIB)
    assert state_of(tree, container(SCOPE)).running.ceiling == (512 * MIB, "/system.slice")


def test_the_nearest_limit_above_that_can_not_be_read_is_known(tree):
    v2_container(tree, SCOPE, 7)
    tree.unreadable(f"{POINT}/system.slice/memory.max")
    running = state_of(tree, container(SCOPE)).running
    assert (running.ceiling, running.hidden_above) == ((UNLIMITED, None), "/system.slice")


def crun(tree, own, inner):
    v2_container(tree, PODMAN, 7, init="/container")
    tree.directory(POINT + PODMAN, dict(V2, **own))
    tree.directory(f"{POINT}{PODMAN}/container", inner)
    return container(PODMAN, engine="podman")


def test_the_cgroup_that_the_runtime_made_below_counts_and_is_written_too(tree):
    """crun tells systemd a limit of swap that counts the memory as well, and sets the right one in its own."""
    one = crun(tree, {"memory.max": 64 * MIB, "memory.swap.max": 128 * MIB}, {"memory.swap.max": 32 * MIB})
    state = state_of(tree, one)
    assert state.kernel == Limits(64 * MIB, 32 * MIB, 0)
    assert state.running.directories == [POINT + PODMAN, f"{POINT}{PODMAN}/container"]
    plan = make_plan(state, Limits(256 * MIB, 16 * MIB, 8 * MIB), SAFETY, None)
    told = [(step.target[len(POINT + PODMAN) :], *step.settings.items()) for step in plan.steps]
    assert told == [
        ("", ("memory.max", 256 * MIB)),
        ("/container", ("memory.max", 256 * MIB)),
        ("", ("memory.swap.max", 16 * MIB)),
        ("/container", ("memory.swap.max", 16 * MIB)),
        # A reservation counts against what is beside the container, not within it.
        ("", ("memory.low", 8 * MIB)),
    ]


def test_one_below_without_the_controller_is_not_written(tree):
    one = crun(tree, {}, {})
    tree.remove(f"{POINT}{PODMAN}/container/memory.max")
    assert state_of(tree, one).running.directories == [POINT + PODMAN]


def test_the_unit_of_a_path_of_slices(tree):
    v2_container(tree, SCOPE, 7)
    unit_file(tree, f"docker-{A}.scope", f"MemoryMax={64 * MIB}\nMemorySwapMax=0")
    state = state_of(tree, container(SCOPE))
    assert (state.unit, state.unit_limits) == (f"docker-{A}.scope", Limits(64 * MIB, 0, 0))


def test_a_unit_has_the_smaller_of_its_own_swap_and_of_the_one_below(tree):
    one = crun(tree, {"memory.max": 64 * MIB, "memory.swap.max": 128 * MIB}, {"memory.swap.max": 32 * MIB})
    unit_file(tree, f"libpod-{A}.scope", f"MemoryMax={64 * MIB}\nMemorySwapMax={128 * MIB}")
    assert state_of(tree, one).unit_limits == Limits(64 * MIB, 32 * MIB, 0)


def test_on_v1_systemd_has_a_word_on_memory_alone(tmp_path):
    tree = legacy_host(tmp_path)
    v1_container(tree, SCOPE, 7, {"memory.limit_in_bytes": 64 * MIB, "memory.memsw.limit_in_bytes": 64 * MIB})
    unit_file(tree, f"docker-{A}.scope", f"MemoryLimit={64 * MIB}")
    state = state_of(tree, container(SCOPE))
    assert (state.kernel, state.memory_version) == (Limits(64 * MIB, 0, 0), 1)
    assert (state.unit, state.unit_limits) == (f"docker-{A}.scope", Limits(64 * MIB, None, None))


@pytest.mark.parametrize(
    ("path", "nested_in"),
    [
        # The systemd in a container, and the one of a user: neither is the host's, though the names are alike.
        (f"/system.slice/docker-{B}.scope/system.slice/docker-{A}.scope", B),
        (f"/docker/{B}/system.slice/docker-{A}.scope", B),
        (f"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{A}.scope", None),
        (f"/user.slice/user-1000.slice/user@1000.service/docker-{A}.scope", None),
    ],
)
def test_a_unit_of_the_same_name_elsewhere_is_not_the_containers(tree, path, nested_in):
    v2_container(tree, path, 7)
    unit_file(tree, f"docker-{A}.scope", f"MemoryMax={64 * MIB}")
    state = state_of(tree, container(path, nested_in=nested_in, claimed_pid=False if nested_in else 7))
    assert (state.unit, state.unit_limits) == (None, NOTHING)
    assert state.running.cgroup.path == path


def test_the_process_that_the_engine_names_counts(tree):
    """Anybody can name a cgroup of their own after a container."""
    impostor = f"/user.slice/docker/{A}"
    v2_container(tree, SCOPE, 7, {"memory.max": 64 * MIB})
    v2_container(tree, impostor, 50, {"memory.max": 32 * MIB}, start_time=1)
    state = state_of(tree, container(impostor, pids=[50], claimed_pid=7))
    assert (state.pid, state.running.cgroup.path, state.kernel.memory) == (7, SCOPE, 64 * MIB)


def test_of_the_processes_in_a_cgroup_the_one_that_the_engine_names_counts(tree):
    v2_container(tree, SCOPE, 7)
    v2_container(tree, SCOPE, 50, start_time=1)
    assert state_of(tree, container(SCOPE, pids=[50, 7], claimed_pid=7)).pid == 7
    assert state_of(tree, container(SCOPE, pids=[50, 7], claimed_pid=False)).pid == 50


def test_a_process_that_the_engine_names_and_that_is_elsewhere_is_gone(tree):
    v2_container(tree, SCOPE, 7)
    v2_container(tree, "/user.slice/other.scope", 60)
    with pytest.raises(Gone):
        state_of(tree, container(SCOPE, pids=[7], claimed_pid=60))
