# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.mounts import MOST_MOUNTS, read_mount_parts
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree

BOTH = {"root_mount", "mounts"}
# Of a container of Docker 26 on a v2 host, some lines.
MOUNTS = """\
430 368 0:49 / / ro,relatime master:182 shared:9 - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/X,upperdir=/y
431 430 0:52 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
432 430 0:53 / /sys rw,nosuid unbindable - sysfs sysfs ro
433 430 254:1 /srv/my\\040data /data\\134 rw,relatime shared:3 propagate_from:2 - ext4 /dev/vda1 rw,errors=remount-ro\
"""


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def test_mounts(tree):
    tree.write("/proc/7/mountinfo", MOUNTS)
    files = tree.files
    parts = read_mount_parts(files, 7, BOTH)
    assert parts["root_mount"] == parts["mounts"][0]
    assert parts["mounts"][0] == {
        "point": "/",
        "fstype": "overlay",
        "source": "overlay",
        "root": "/",
        "read_only": True,
        "flags": ["relatime"],
        "propagation": ["slave", "shared"],
    }
    assert [one["propagation"] for one in parts["mounts"][1:]] == [["private"], ["unbindable"], ["shared"]]
    # The mount may be written to, the file system not.
    assert [one["read_only"] for one in parts["mounts"]] == [True, False, True, False]
    assert (parts["mounts"][3]["point"], parts["mounts"][3]["root"]) == ("/data\\", "/srv/my data")
    assert parts["mounts_truncated"] is False
    assert files.unreadable == []


def test_only_what_is_asked_for(tree):
    tree.write("/proc/7/mountinfo", MOUNTS)
    assert set(read_mount_parts(tree.files, 7, {"root_mount", "security"})) == {"root_mount"}
    assert set(read_mount_parts(tree.files, 7, {"mounts"})) == {"mounts", "mounts_truncated"}


def test_a_root_that_is_hidden_by_another(tree):
    tree.write("/proc/7/mountinfo", MOUNTS + "\n440 430 0:60 / / rw - tmpfs none rw")
    assert read_mount_parts(tree.files, 7, BOTH)["root_mount"]["fstype"] == "tmpfs"


def test_no_root(tree):
    # A process in a chroot whose directory is no mount.
    tree.write("/proc/7/mountinfo", "431 430 0:52 / /proc rw - proc proc rw")
    assert read_mount_parts(tree.files, 7, BOTH)["root_mount"] is None


def test_what_can_not_be_read(tree):
    tree.unreadable("/proc/7/mountinfo")
    files = tree.files
    assert read_mount_parts(files, 7, BOTH) == {"root_mount": None, "mounts": None, "mounts_truncated": None}
    assert files.unreadable == [{"path": "/proc/7/mountinfo", "reason": "Is a directory"}]


def test_a_line_of_another_form(tree):
    tree.write("/proc/7/mountinfo", MOUNTS + "\n441 430 {{ x }}")
    files = tree.files
    parts = read_mount_parts(files, 7, BOTH)
    assert (parts["mounts"], parts["mounts_truncated"]) == (None, None)
    assert parts["root_mount"]["fstype"] == "overlay"
    assert "not a line of mountinfo: '441 430 {{ x }}'" in files.unreadable[0]["reason"]


def test_bytes_that_are_no_utf8(tree):
    tree.write("/proc/7/mountinfo", b"1 0 0:1 /\xff / rw - tmpfs \xfe{{x}} rw\n")
    root = read_mount_parts(tree.files, 7, BOTH)["root_mount"]
    assert (root["root"], root["source"]) == ("/\\xff", "\\xfe{{x}}")


def test_too_many_are_cut(tree):
    line = "431 430 0:52 / /m rw - proc proc rw\n"
    tree.write("/proc/7/mountinfo", (line * MOST_MOUNTS + MOUNTS).encode())
    parts = read_mount_parts(tree.files, 7, BOTH)
    assert (len(parts["mounts"]), parts["mounts_truncated"]) == (MOST_MOUNTS, True)
    assert parts["root_mount"]["fstype"] == "overlay"
    tree.write("/proc/7/mountinfo", (line * MOST_MOUNTS).encode())
    assert read_mount_parts(tree.files, 7, BOTH)["mounts_truncated"] is False
