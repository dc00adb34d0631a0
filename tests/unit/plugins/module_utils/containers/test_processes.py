# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.module_utils.containers.processes import (
    MOST_PROCESSES,
    read_processes,
)
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree


def test_each_once_by_pid(tmp_path):
    tree = Tree(tmp_path)
    tree.process(30, "0::/", name="{{ x }} <b>", uid=1000, ppid=7, namespace_pids=[30, 5], rss_kib=2048)
    tree.process(7, "0::/", namespace_pids=[7, 1])
    records, truncated = read_processes(tree.files, [30, 7, 30])
    assert not truncated
    assert [record["pid"] for record in records] == [7, 30]
    assert records[1] == {
        "pid": 30,
        "namespace_pid": 5,
        "ppid": 7,
        "uid": 1000,
        "name": "{{ x }} <b>",
        "rss_bytes": 2048 * 1024,
    }


def test_one_that_ended_is_left_out(tmp_path):
    tree = Tree(tmp_path)
    tree.process(7, "0::/")
    records, _truncated = read_processes(tree.files, [7, 8])
    assert [record["pid"] for record in records] == [7]


def test_a_zombie_has_no_memory_and_an_old_kernel_no_nspid(tmp_path):
    tree = Tree(tmp_path)
    tree.write("/proc/7/status", "Name:\tsh\nState:\tZ (zombie)\nPPid:\t1\nUid:\t0\t0\t0\t0")
    ((record,), _truncated) = read_processes(tree.files, [7])
    assert (record["rss_bytes"], record["namespace_pid"]) == (None, None)


def test_a_name_that_is_no_utf8(tmp_path):
    tree = Tree(tmp_path)
    tree.write("/proc/7/status", b"Name:\t\xff\\n\nPPid:\t1\nUid:\t0\t0\t0\t0\n")
    ((record,), _truncated) = read_processes(tree.files, [7])
    assert record["name"] == "\\xff\\n"


def test_too_many_are_cut_and_said_to_be(tmp_path):
    tree = Tree(tmp_path)
    tree.process(1, "0::/")
    records, truncated = read_processes(tree.files, range(1, MOST_PROCESSES + 2))
    assert truncated
    assert [record["pid"] for record in records] == [1]
    _records, truncated = read_processes(tree.files, range(1, MOST_PROCESSES + 1))
    assert not truncated
