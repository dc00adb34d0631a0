# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.namespaces import (
    TYPES,
    read_namespaces,
    read_reference,
)
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree, stat_line

KERNEL_THREAD = 2129984
HOST = {kind: 4026531800 + i for i, kind in enumerate(TYPES)}


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def links(tree, pid, inodes):
    for kind, inode in inodes.items():
        tree.link(f"/proc/{pid}/ns/{kind}", f"{kind}:[{inode}]")


def thread(tree, pid, flags=KERNEL_THREAD):
    tree.write(f"/proc/{pid}/stat", stat_line(pid, "kthreadd", 0, 7).replace(" 4194304 ", f" {flags} "))


def denied(tree, pid):
    """Reading something that is no link fails, for root as for anybody."""
    for kind in TYPES:
        tree.write(f"/proc/{pid}/ns/{kind}")


def test_inodes_by_type(tree):
    links(tree, 7, HOST)
    assert read_namespaces(tree.files, 7) == HOST


def test_a_type_that_the_kernel_lacks_is_null_and_not_unreadable(tree):
    links(tree, 7, {kind: inode for kind, inode in HOST.items() if kind not in ("time", "cgroup")})
    files = tree.files
    assert read_namespaces(files, 7) == {**HOST, "time": None, "cgroup": None}
    assert files.unreadable == []


def test_what_is_denied_is_null_and_named(tree):
    denied(tree, 7)
    files = tree.files
    assert read_namespaces(files, 7) == dict.fromkeys(TYPES)
    assert [one["path"] for one in files.unreadable] == [f"/proc/7/ns/{kind}" for kind in TYPES]
    assert {one["reason"] for one in files.unreadable} == {"Invalid argument"}


@pytest.mark.parametrize("target", ["", "net", "net:[]", "net:[x]", "net:[1] (deleted)", "net:[1]\n", "4026531840"])
def test_a_link_of_another_form(tree, target):
    tree.link("/proc/7/ns/net", target or "/")
    files = tree.files
    assert read_namespaces(files, 7)["net"] is None
    (refused,) = files.unreadable
    assert refused["path"] == "/proc/7/ns/net"
    assert "expected a link to 'TYPE:[INODE]'" in refused["reason"]


def test_the_host_is_what_process_1_is_in(tree):
    links(tree, 1, HOST)
    files = tree.files
    assert read_reference(files) == (1, HOST)
    assert files.unreadable == []


def test_the_kernels_thread_where_process_1_may_not_be_looked_at(tree):
    denied(tree, 1)
    links(tree, 2, HOST)
    thread(tree, 2)
    files = tree.files
    assert read_reference(files) == (2, HOST)
    assert files.unreadable == []


def test_another_process_2_does_not_stand_for_the_host(tree):
    denied(tree, 1)
    links(tree, 2, HOST)
    thread(tree, 2, flags=4194304)
    files = tree.files
    assert read_reference(files) == (None, dict.fromkeys(TYPES))
    assert {one["path"] for one in files.unreadable} == {f"/proc/1/ns/{kind}" for kind in TYPES}


def test_hidden_processes(tree):
    files = tree.files
    assert read_reference(files) == (None, dict.fromkeys(TYPES))
    assert [one["path"] for one in files.unreadable] == ["/proc/1/ns", "/proc/2/ns"]


def test_a_part_that_is_denied_is_not_mixed_with_the_threads(tree):
    links(tree, 1, {**HOST, "net": 7})
    tree.remove("/proc/1/ns/mnt")
    tree.write("/proc/1/ns/mnt")
    links(tree, 2, HOST)
    thread(tree, 2)
    assert read_reference(tree.files) == (2, HOST)
