# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.mounts import (
    Hierarchy,
    cgroup_hierarchies,
    parse_mount,
    read_mounts,
)
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree
from hypothesis import given
from hypothesis import strategies as st


def mount(point, fstype="cgroup", options="rw,memory", root="/"):
    return parse_mount(f"36 31 0:32 {root} {point} rw,nosuid shared:5 - {fstype} cgroup {options}")


def test_a_line():
    found = parse_mount("36 35 98:0 /r /p rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue")
    assert found == (
        "/r",
        "/p",
        "ext3",
        "/dev/root",
        ("rw", "errors=continue"),
        ("rw", "noatime"),
        ("master:1", "propagate_from:2"),
        "98:0",
    )


@pytest.mark.parametrize(
    ("optional", "propagation"),
    [("", ()), ("shared:1 ", ("shared:1",)), ("shared:1 master:2 unbindable ", ("shared:1", "master:2", "unbindable"))],
)
def test_optional_fields_run_until_the_dash(optional, propagation):
    found = parse_mount(f"36 35 0:30 / /sys/fs/cgroup rw {optional}- cgroup2 cgroup2 rw")
    assert found.propagation == propagation
    assert found.fstype == "cgroup2"


def test_octal_escapes():
    found = parse_mount(r"36 35 0:30 /a\011b /mnt/my\040disk\134n\012x rw - ext4 /dev/my\040disk rw")
    assert (found.root, found.point, found.source) == ("/a\tb", "/mnt/my disk\\n\nx", "/dev/my disk")


def test_an_escaped_backslash_before_digits_is_no_second_escape():
    assert parse_mount(r"36 35 0:30 / /mnt/\134040 rw - ext4 x rw").point == r"/mnt/\040"


def test_a_dash_in_a_mount_point_does_not_end_the_fields():
    assert parse_mount(r"36 35 0:30 / /mnt/a\040-\040b rw - ext4 x rw").point == "/mnt/a - b"


def test_an_empty_source():
    assert parse_mount("36 35 0:30 / /mnt rw -  tmpfs  rw".replace("-  tmpfs", "- tmpfs")).source == ""


@pytest.mark.parametrize("line", ["", "36 35 0:30 / /mnt rw", "36 35 - ext4 x rw", "36 35 0:30 / /mnt rw - ext4"])
def test_a_malformed_line_is_a_value_error_that_shows_it(line):
    with pytest.raises(ValueError, match="not a line of mountinfo: '" + line[:10]):
        parse_mount(line)


@given(st.text())
def test_any_line_is_a_mount_or_a_value_error(line):
    try:
        found = parse_mount(line)
    except ValueError:
        return
    assert found.fstype == line.partition(" - ")[2].split(" ")[0]


def test_read_mounts_of_a_process(tmp_path):
    tree = Tree(tmp_path)
    tree.write("/proc/7/mountinfo", "36 35 0:30 / / rw - ext4 /dev/sda rw\n37 36 0:5 / /proc rw - proc proc rw")
    assert [one.point for one in read_mounts(tree.files, 7)] == ["/", "/proc"]
    assert read_mounts(tree.files) == []


def test_hierarchies_of_a_hybrid_host():
    names = [("name=systemd",), ("cpu", "cpuacct"), ("memory",), ()]
    found = cgroup_hierarchies(
        [
            mount("/sys/fs/cgroup", fstype="tmpfs", options="rw,mode=755"),
            mount("/sys/fs/cgroup/systemd", options="rw,xattr,name=systemd"),
            mount("/sys/fs/cgroup/cpu,cpuacct", options="rw,cpu,cpuacct"),
            mount("/sys/fs/cgroup/memory"),
            mount("/sys/fs/cgroup/unified", fstype="cgroup2", options="rw,nsdelegate"),
        ],
        names,
    )
    assert found == [
        Hierarchy(1, ("name=systemd",), "/", "/sys/fs/cgroup/systemd"),
        Hierarchy(1, ("cpu", "cpuacct"), "/", "/sys/fs/cgroup/cpu,cpuacct"),
        Hierarchy(1, ("memory",), "/", "/sys/fs/cgroup/memory"),
        Hierarchy(2, (), "/", "/sys/fs/cgroup/unified"),
    ]


def test_cpuset_is_not_taken_for_cpu():
    found = cgroup_hierarchies(
        [mount("/cs", options="rw,cpuset"), mount("/c", options="rw,cpu")], [("cpu",), ("cpuset",)]
    )
    assert {one.names: one.point for one in found} == {("cpuset",): "/cs", ("cpu",): "/c"}


def test_a_hierarchy_in_an_odd_place():
    assert cgroup_hierarchies([mount("/dev/cg mem".replace(" ", r"\040"))], [("memory",)])[0].point == "/dev/cg mem"


@pytest.mark.parametrize("order", [1, -1])
def test_a_hierarchy_mounted_twice_is_taken_where_its_whole_is_visible(order):
    mounts = [mount("/var/lib/part", root="/docker/a"), mount("/sys/fs/cgroup/memory")]
    (found,) = cgroup_hierarchies(mounts[::order], [("memory",)])
    assert (found.root, found.point) == ("/", "/sys/fs/cgroup/memory")


def test_of_two_whole_mounts_the_first_is_taken():
    mounts = [mount("/sys/fs/cgroup/memory"), mount("/mnt/memory")]
    assert [one.point for one in cgroup_hierarchies(mounts, [("memory",)])] == ["/sys/fs/cgroup/memory"]


def test_a_v1_mount_that_no_process_line_names_is_left_out():
    assert cgroup_hierarchies([mount("/sys/fs/cgroup/rdma", options="rw,rdma")], [("memory",), ()]) == []


WHOLE = Hierarchy(1, ("memory",), "/", "/sys/fs/cgroup/memory")
PART = Hierarchy(1, ("memory",), "/docker/a", "/sys/fs/cgroup/memory")


@pytest.mark.parametrize(
    ("hierarchy", "path", "directory"),
    [
        (WHOLE, "/", "/sys/fs/cgroup/memory"),
        (WHOLE, "/docker/a", "/sys/fs/cgroup/memory/docker/a"),
        (WHOLE, "/..", None),
        (WHOLE, "/../..", None),
        (WHOLE, "/../docker/b", None),
        (WHOLE, "/..a", "/sys/fs/cgroup/memory/..a"),
        (PART, "/docker/a", "/sys/fs/cgroup/memory"),
        (PART, "/docker/a/sub", "/sys/fs/cgroup/memory/sub"),
        (PART, "/docker/ab", None),
        (PART, "/docker", None),
        (PART, "/", None),
        (Hierarchy(2, (), "/../..", "/sys/fs/cgroup"), "/", None),
    ],
)
def test_directory_of_a_cgroup(hierarchy, path, directory):
    assert hierarchy.directory(path) == directory
