# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import Gone
from ansible_collections.fathom.containers.plugins.module_utils.kernel.process import (
    Membership,
    namespace_pids,
    parse_membership,
    read_memberships,
    read_start_time,
    read_status,
)
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


@pytest.mark.parametrize(
    ("line", "membership"),
    [
        ("4:memory:/docker/1f", Membership(4, ("memory",), "/docker/1f")),
        ("3:cpu,cpuacct:/", Membership(3, ("cpu", "cpuacct"), "/")),
        ("1:name=systemd:/init.scope", Membership(1, ("name=systemd",), "/init.scope")),
        ("0::/system.slice/docker-1f.scope", Membership(0, (), "/system.slice/docker-1f.scope")),
        ("0::/system.slice:docker:1f", Membership(0, (), "/system.slice:docker:1f")),
        ("0::/docker/1f (deleted)", Membership(0, (), "/docker/1f")),
        ("0::/../..", Membership(0, (), "/../..")),
        ("0::/a (deleted) b", Membership(0, (), "/a (deleted) b")),
    ],
)
def test_a_line_of_cgroup(line, membership):
    assert parse_membership(line) == membership


@pytest.mark.parametrize("line", ["", "4:memory", "four:memory:/"])
def test_a_malformed_line_of_cgroup(line):
    with pytest.raises(ValueError):  # noqa: PT011
        parse_membership(line)


@given(st.text())
def test_any_line_of_cgroup_is_a_membership_or_a_value_error(line):
    try:
        membership = parse_membership(line)
    except ValueError:
        return
    assert membership.path in line


@given(st.integers(min_value=0), st.lists(st.text("abcdef=", min_size=1)), st.text("abc:/. ", max_size=30))
def test_what_the_kernel_writes_of_a_cgroup_is_read(number, controllers, path):
    line = str(number) + ":" + ",".join(controllers) + ":/" + path
    assert parse_membership(line) == (number, tuple(controllers), "/" + path)


def test_memberships_of_a_process_that_has_ended(tree):
    assert read_memberships(tree.files, 7) == []


def test_memberships(tree):
    tree.write("/proc/7/cgroup", "2:memory:/a\n0::/a")
    assert read_memberships(tree.files, 7) == [(2, ("memory",), "/a"), (0, (), "/a")]


def test_a_cgroup_path_that_is_no_utf8_leads_to_its_files(tree):
    tree.write("/proc/7/cgroup", b"0::/lxc.payload.\xff\n")
    tree.write(b"/sys/lxc.payload.\xff/pids.max", "7")
    (membership,) = read_memberships(tree.files, 7)
    assert tree.files.number("/sys" + membership.path + "/pids.max") == 7


@pytest.mark.parametrize(
    "name", ["sleep", "a) S 1 (b", ") R 0 0", "((", "))", "a\nb) S\n1", "(sd-pam)", " ", "\x1b[31m", "é"]
)
def test_start_time_whatever_the_process_is_called(tree, name):
    tree.process(7, "0::/", name=name, start_time=110753)
    assert read_start_time(tree.files, 7) == 110753


def test_start_time_of_bytes_that_are_no_utf8(tree):
    tree.write("/proc/7/stat", b"7 (\xff) \xfe) S " + b" ".join(b"%d" % field for field in range(4, 53)))
    assert read_start_time(tree.files, 7) == 22


@pytest.mark.parametrize("content", [None, b""])
def test_start_time_of_a_process_that_has_ended(tree, content):
    if content is not None:
        tree.write("/proc/7/stat", content)
    with pytest.raises(Gone):
        read_start_time(tree.files, 7)


def test_start_time_of_a_process_that_is_exiting(tree):
    # sleep, killed on Linux 6.18 with a parent that did not wait for it; flags are field 9.
    tree.write(
        "/proc/7/stat", "7 (sleep) Z 1 7 7 0 -1 4228108 75 0 0 0 0 0 0 0 20 0 1 0 501037 0 0 18446744073709551615"
    )
    with pytest.raises(Gone):
        read_start_time(tree.files, 7)


def test_status(tree):
    tree.process(7, "0::/", name="a:b {{ c }}", namespace_pids=[3993, 12, 1], uid=70)
    status = read_status(tree.files, 7)
    assert status["Name"] == "a:b {{ c }}"
    assert status["Uid"] == "70\t70\t70\t70"
    assert namespace_pids(status) == [3993, 12, 1]


def test_status_of_a_process_that_has_ended(tree):
    with pytest.raises(Gone):
        read_status(tree.files, 7)


def test_a_kernel_without_nspid(tree):
    tree.write("/proc/7/status", "Name:\tsleep\nPid:\t7")
    assert namespace_pids(read_status(tree.files, 7)) == []
