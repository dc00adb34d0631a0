# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.runtimes import runtime_identities
from ansible_collections.fathom.containers.plugins.module_utils.kernel.host import read_host
from ansible_collections.fathom.containers.tests.unit.hosttree import (
    A,
    hybrid_host,
    unified_host,
    v1_container,
    v2_container,
)

TASKS = "/run/containerd/io.containerd.runtime.v2.task"


@pytest.fixture
def tree(tmp_path):
    return unified_host(tmp_path)


def told(tree):
    return {path: (one.engine, one.id) for path, one in runtime_identities(read_host(tree.files)).items()}


def test_runc_by_hand(tree):
    v2_container(tree, "/lab/c1", 7, init="/inner", start_time=4711)
    tree.write("/run/runc/c1/state.json", json.dumps({"init_process_pid": 7, "init_process_start": 4711}))
    assert told(tree) == {"/lab/c1": ("unknown", "c1")}


def test_crun_by_hand(tree):
    v2_container(tree, "/user.slice/crun-c1.scope", 7, start_time=4711)
    tree.write("/run/crun/c1/status", json.dumps({"pid": 7, "process-start-time": 4711, "systemd-cgroup": True}))
    assert told(tree) == {"/user.slice/crun-c1.scope": ("unknown", "c1")}


def test_ctr(tree):
    v2_container(tree, "/lab/c1", 7)
    tree.write(f"{TASKS}/lab/c1/init.pid", b"7")
    assert told(tree) == {"/lab/c1": ("containerd", "c1")}


def test_on_v1_the_path_is_that_of_the_hierarchy_that_is_walked(tmp_path):
    tree = hybrid_host(tmp_path)
    v1_container(tree, "/lab/c1", 7, unified=True)
    tree.write(f"{TASKS}/lab/c1/init.pid", b"7")
    assert told(tree) == {"/lab/c1": ("containerd", "c1")}


def test_ids_that_engines_make_need_no_witness(tree):
    v2_container(tree, f"/docker/{A}", 7, start_time=4711)
    tree.write(f"/run/runc/{A}/state.json", json.dumps({"init_process_pid": 7, "init_process_start": 4711}))
    tree.write(f"{TASKS}/moby/{A}/init.pid", b"7")
    assert told(tree) == {}


@pytest.mark.parametrize(
    "state",
    [
        {"init_process_pid": 7, "init_process_start": 4712},  # the PID is another process's now
        {"init_process_pid": 8, "init_process_start": 4711},  # it has ended
        {"init_process_pid": None, "init_process_start": 4711},
        {"init_process_pid": 7},
        {"init_process_pid": float("inf"), "init_process_start": 4711},
        {},
        [],
        None,
        7,
    ],
)
def test_a_state_that_tells_of_no_process(tree, state):
    v2_container(tree, "/lab/c1", 7, start_time=4711)
    tree.write("/run/runc/c1/state.json", json.dumps(state))
    assert told(tree) == {}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100000], ids=["empty", "cut", "bytes", "deep"])
def test_a_state_that_is_no_json(tree, content):
    tree.write("/run/runc/c1/state.json", content)
    tree.write("/run/crun/c1/status", content)
    assert told(tree) == {}


@pytest.mark.parametrize("content", [b"", b"x", b"0", b"99"])
def test_an_init_pid_that_is_none(tree, content):
    tree.write(f"{TASKS}/lab/c1/init.pid", content)
    assert told(tree) == {}


def test_an_init_in_a_cgroup_that_is_not_its_own(tree):
    tree.process(7, "0::/user.slice")
    tree.write(f"{TASKS}/lab/c1/init.pid", b"7")
    assert told(tree) == {}


def test_no_runtime(tree):
    host = read_host(tree.files)
    assert runtime_identities(host) == {}
    assert host.files.unreadable == []
