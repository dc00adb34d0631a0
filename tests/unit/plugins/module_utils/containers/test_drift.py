# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import NamedTuple, Optional

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.drift import cpu_numbers, find_drift
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import declare
from ansible_collections.fathom.containers.plugins.module_utils.kernel.cpu import Cpu
from ansible_collections.fathom.containers.plugins.module_utils.kernel.cpuset import Cpuset
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.kernel.memory import Memory
from ansible_collections.fathom.containers.plugins.module_utils.kernel.pids import Pids
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB
from hypothesis import given
from hypothesis import strategies as st


class Figures(NamedTuple):
    memory: Optional[Memory] = None
    cpu: Optional[Cpu] = None
    cpuset: Optional[Cpuset] = None
    pids: Optional[Pids] = None


MEMORY = Memory._make([None] * len(Memory._fields))._replace(
    limit=UNLIMITED, swap_limit=UNLIMITED, memory_swap_limit=UNLIMITED, reservation=0, stat={}
)
CPU = Cpu(UNLIMITED, 100000, None, None, 0, 0, 0, 0)


def memory_drift(declared, page_size_bytes=4096, **enforced):
    figures = Figures(memory=MEMORY._replace(**enforced))
    found = find_drift(declare(**declared), figures, False, page_size_bytes)
    json.dumps(found, allow_nan=False)
    return {one["setting"]: (one["declared"], one["enforced"]) for one in found}


def cpu_drift(declared, cpuset=None, **enforced):
    found = find_drift(declare(**declared), Figures(cpu=CPU._replace(**enforced), cpuset=cpuset), False, 4096)
    json.dumps(found, allow_nan=False)
    return {one["setting"]: (one["declared"], one["enforced"]) for one in found}


SAME = {
    "nothing declared, nothing enforced": ({}, {}),
    "limited": (
        {"memory_bytes": 64 * MIB, "memory_swap_bytes": 128 * MIB},
        {"limit": 64 * MIB, "memory_swap_limit": 128 * MIB},
    ),
    "swap unlimited": ({"memory_bytes": 64 * MIB, "memory_swap_bytes": -1}, {"limit": 64 * MIB}),
    "no swap": (
        {"memory_bytes": 64 * MIB, "memory_swap_bytes": 64 * MIB},
        {"limit": 64 * MIB, "memory_swap_limit": 64 * MIB},
    ),
    "no swap accounting": (
        {"memory_bytes": 64 * MIB, "memory_swap_bytes": 128 * MIB},
        {"limit": 64 * MIB, "memory_swap_limit": None},
    ),
    "swap left to the engine": ({"memory_bytes": 64 * MIB}, {"limit": 64 * MIB, "memory_swap_limit": 128 * MIB}),
    "floored to a page": (
        {"memory_bytes": 64 * MIB + 1000, "memory_swap_bytes": 128 * MIB + 4095, "memory_reservation_bytes": 4097},
        {"limit": 64 * MIB, "memory_swap_limit": 128 * MIB, "reservation": 4096},
    ),
    "a reservation": ({"memory_reservation_bytes": 32 * MIB}, {"reservation": 32 * MIB}),
    "unreadable": ({"memory_bytes": 64 * MIB}, {"limit": None, "memory_swap_limit": None, "reservation": None}),
    "OOM kills on": ({"oom_kill_disabled": False}, {"oom_kill_disabled": False}),
    "OOM kills not told": ({"oom_kill_disabled": True}, {"oom_kill_disabled": None}),
}


@pytest.mark.parametrize(("declared", "enforced"), SAME.values(), ids=SAME)
def test_no_drift_of_memory(declared, enforced):
    assert memory_drift(declared, **enforced) == {}


DRIFTED = {
    "lowered": ({"memory_bytes": 64 * MIB}, {"limit": 32 * MIB}, {"memory_bytes": (64 * MIB, 32 * MIB)}),
    "lifted": ({"memory_bytes": 64 * MIB}, {"limit": UNLIMITED}, {"memory_bytes": (64 * MIB, "unlimited")}),
    "limited behind the engine's back": (
        {},
        {"limit": 64 * MIB, "memory_swap_limit": 128 * MIB},
        {"memory_bytes": ("unlimited", 64 * MIB), "memory_swap_bytes": ("unlimited", 128 * MIB)},
    ),
    "zero": ({"memory_bytes": 64 * MIB}, {"limit": 0}, {"memory_bytes": (64 * MIB, 0)}),
    "one page": ({"memory_bytes": 64 * MIB}, {"limit": 64 * MIB - 4096}, {"memory_bytes": (64 * MIB, 64 * MIB - 4096)}),
    "swap taken away": (
        {"memory_bytes": 64 * MIB, "memory_swap_bytes": -1},
        {"limit": 64 * MIB, "memory_swap_limit": 64 * MIB},
        {"memory_swap_bytes": ("unlimited", 64 * MIB)},
    ),
    "swap lifted by a daemon-reload": (
        {"memory_bytes": 64 * MIB, "memory_swap_bytes": 64 * MIB},
        {"limit": 64 * MIB},
        {"memory_swap_bytes": (64 * MIB, "unlimited")},
    ),
    "a reservation lost": (
        {"memory_reservation_bytes": 32 * MIB},
        {"reservation": 0},
        {"memory_reservation_bytes": (32 * MIB, 0)},
    ),
    "a reservation that nobody declared": ({}, {"reservation": 4096}, {"memory_reservation_bytes": (0, 4096)}),
    "OOM kills off": (
        {"oom_kill_disabled": False},
        {"oom_kill_disabled": True},
        {"oom_kill_disabled": (False, True)},
    ),
}


@pytest.mark.parametrize(("declared", "enforced", "drift"), DRIFTED.values(), ids=DRIFTED)
def test_drift_of_memory(declared, enforced, drift):
    assert memory_drift(declared, **enforced) == drift


@pytest.mark.parametrize("page_bytes", [4096, 16384, 65536])
def test_the_page_is_the_hosts(page_bytes):
    declared = {"memory_bytes": 64 * MIB + 65535}
    assert memory_drift(declared, page_bytes, limit=(64 * MIB + 65535) // page_bytes * page_bytes) == {}


@given(st.integers(min_value=4096, max_value=1 << 50), st.sampled_from([4096, 16384, 65536]))
def test_what_the_kernel_made_of_the_declared_is_no_drift(memory_bytes, page_bytes):
    kept = memory_bytes // page_bytes * page_bytes
    assert memory_drift({"memory_bytes": memory_bytes}, page_bytes, limit=kept) == {}
    assert "memory_bytes" in memory_drift({"memory_bytes": memory_bytes}, page_bytes, limit=kept + page_bytes)


@pytest.mark.parametrize(
    ("declared", "enforced", "drift"),
    [
        ({}, {}, {}),
        ({"cpus": 0.5}, {"quota_usec": 50000}, {}),
        ({"cpus": 0.5}, {"quota_usec": 12500, "period_usec": 25000}, {}),
        ({"cpus": 1 / 3}, {"quota_usec": 33333}, {}),
        ({"cpus": 0.5}, {"quota_usec": 100000}, {"cpus": (0.5, 1.0)}),
        ({"cpus": 0.5}, {}, {"cpus": (0.5, "unlimited")}),
        ({}, {"quota_usec": 50000}, {"cpus": ("unlimited", 0.5)}),
        ({"cpus": 0.5}, {"quota_usec": None}, {}),
        ({"cpus": 0.5}, {"quota_usec": 50000, "period_usec": None}, {}),
        ({}, {"quota_usec": UNLIMITED, "period_usec": None}, {}),
    ],
)
def test_cpus(declared, enforced, drift):
    assert cpu_drift(declared, **enforced) == drift


@pytest.mark.parametrize(
    ("declared", "enforced", "drift"),
    [
        (512, {"shares": 512}, {}),
        (512, {"shares": 1024}, {"cpu_shares": (512, 1024)}),
        (None, {"shares": 1024}, {}),
        (512, {"shares": None}, {}),
        (512, {"weight": 20}, {}),  # the linear formula, 1 + (shares - 2) * 9999 / 262142
        (512, {"weight": 59}, {}),  # the newer one, that keeps 1024 at 100
        (512, {"weight": 100}, {"cpu_shares": (512, "weight 100")}),
        (1024, {"weight": 39}, {}),
        (1024, {"weight": 100}, {}),
        (2, {"weight": 1}, {}),
        (262144, {"weight": 10000}, {}),
        (None, {"weight": 100}, {}),
    ],
)
def test_shares_and_weights(declared, enforced, drift):
    assert cpu_drift({"cpu_shares": declared}, **enforced) == drift


@pytest.mark.parametrize(
    ("declared", "cpus", "drift"),
    [
        ("0-1", "0-1", {}),
        ("0,1", "0-1", {}),
        ("1,0", "0-1", {}),
        ("0-1", "0", {"cpuset_cpus": ("0-1", "0")}),
        ("0", "", {"cpuset_cpus": ("0", "")}),
        (None, "0", {}),
        ("0", None, {}),
    ],
)
def test_cpuset(declared, cpus, drift):
    assert cpu_drift({"cpuset_cpus": declared}, Cpuset(cpus, "0")) == drift


@pytest.mark.parametrize(
    ("declared", "limit", "drift"),
    [
        (100, 100, []),
        (None, UNLIMITED, []),
        (100, UNLIMITED, [{"setting": "pids_limit", "declared": 100, "enforced": "unlimited"}]),
        (None, 100, [{"setting": "pids_limit", "declared": "unlimited", "enforced": 100}]),
        (100, 0, [{"setting": "pids_limit", "declared": 100, "enforced": 0}]),
        (100, None, []),
    ],
)
def test_pids(declared, limit, drift):
    assert find_drift(declare(pids_limit=declared), Figures(pids=Pids(limit, 1, 0)), False, 4096) == drift


@pytest.mark.parametrize(("declared", "settings"), [(None, []), (50, ["pids_limit"])])
def test_no_declared_limit_leaves_it_to_systemd_where_that_made_the_cgroup(declared, settings):
    found = find_drift(declare(pids_limit=declared), Figures(pids=Pids(100, 1, 0)), True, 4096)
    assert [one["setting"] for one in found] == settings


def test_what_was_not_gathered_is_not_compared():
    declared = declare(memory_bytes=4096, cpus=1, cpu_shares=5, cpuset_cpus="0", pids_limit=7)
    assert find_drift(declared, Figures(), False, 4096) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("0", {0}), ("0-2,7", {0, 1, 2, 7}), ("0, 2", {0, 2}), ("", {""}), ("all", {"all"}), ("3-x", {"3-x"})],
)
def test_cpu_numbers(text, numbers):
    assert cpu_numbers(text) == numbers


@given(st.sets(st.integers(0, 200), min_size=1))
def test_cpu_numbers_of_any_list(numbers):
    assert cpu_numbers(",".join(map(str, numbers))) == numbers


@given(st.text("0123456789-, x", max_size=6))
def test_cpu_numbers_of_any_text(text):
    assert cpu_numbers(text) is not None
