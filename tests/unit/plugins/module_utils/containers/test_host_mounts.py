# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.host_mounts import HostMounts, real_path
from ansible_collections.fathom.containers.plugins.module_utils.containers.mounts import read_mount_parts
from ansible_collections.fathom.containers.plugins.module_utils.kernel.mounts import parse_mount
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree

# A disk, of which a part is mounted once more; a disk of which only a part is mounted; a file system in memory.
HOST = "\n".join(
    [
        "21 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw",
        "22 21 8:1 /srv/data /data rw shared:1 - ext4 /dev/sda1 rw",
        "23 21 8:2 /@home /home rw shared:7 - btrfs /dev/sda2 rw",
        "24 21 0:22 / /run rw shared:3 - tmpfs tmpfs rw",
        r"25 21 8:3 / /mnt/a\040b rw - ext4 /dev/sda3 rw",
    ]
)


@pytest.fixture
def tree(tmp_path):
    tree = Tree(tmp_path)
    tree.write("/proc/1/mountinfo", HOST)
    return tree


def mounts(tree):
    return HostMounts(tree.files, 1)


def one(device, root, optional=""):
    return parse_mount(f"90 80 {device} {root} /in rw {optional}- ext4 x rw")


@pytest.mark.parametrize(
    ("device", "root", "paths"),
    [
        ("8:1", "/", ["/"]),
        ("8:1", "/etc", ["/etc"]),
        ("8:1", "/srv/data", ["/srv/data", "/data"]),
        ("8:1", "/srv/data/x", ["/srv/data/x", "/data/x"]),
        ("8:1", "/srv/database", ["/srv/database"]),
        ("8:2", "/@home/me", ["/home/me"]),
        ("8:2", "/@root", []),
        ("0:22", "/docker.sock", ["/run/docker.sock"]),
        ("8:3", "/", ["/mnt/a b"]),
        ("0:99", "/", []),
    ],
)
def test_where_on_the_host_it_is(tree, device, root, paths):
    found = mounts(tree)
    assert found.known is True
    assert found.paths(one(device, root)) == paths


@pytest.mark.parametrize(
    ("optional", "reaches"),
    [("shared:3 ", True), ("shared:4 ", False), ("master:3 ", False), ("", False), ("shared:9 master:3 ", False)],
)
def test_what_reaches_the_host(tree, optional, reaches):
    assert mounts(tree).reached_by(one("0:22", "/", optional)) is reaches


def test_mounts_that_can_not_be_read(tree):
    for pid in (1, "self"):
        tree.unreadable(f"/proc/{pid}/mountinfo")
    files = tree.files
    found = HostMounts(files, 1)
    assert (found.known, found.reached_by(one("0:22", "/", "shared:3 ")), found.paths(one("8:1", "/"))) == (
        False,
        None,
        [],
    )
    assert [row["path"] for row in files.unreadable] == ["/proc/1/mountinfo", "/proc/self/mountinfo"]
    tree = Tree(tree.root + "/other")
    tree.write("/proc/1/mountinfo", "nonsense")
    files = tree.files
    assert HostMounts(files, 1).known is False
    assert "not a line of mountinfo" in files.unreadable[0]["reason"]


def test_one_s_own_mounts_stand_in_for_those_of_the_first_process(tree):
    tree.unreadable("/proc/1/mountinfo")
    tree.write("/proc/self/mountinfo", HOST)
    for pid in (1, None):
        assert HostMounts(tree.files, pid).paths(one("0:22", "/docker.sock")) == ["/run/docker.sock"]


def test_a_container_s_mounts_of_the_host(tree):
    tree.write(
        "/proc/7/mountinfo",
        "40 30 0:50 / / rw - overlay overlay rw\n"
        "41 40 0:51 / /proc rw - proc proc rw\n"
        "42 40 8:1 /etc/x /etc/x ro shared:1 - ext4 /dev/sda1 rw\n"
        "43 40 0:22 /docker.sock /x rw master:3 - tmpfs tmpfs rw",
    )
    parts = read_mount_parts(tree.files, 7, ("root_mount", "mounts"), mounts(tree))
    assert [(row["point"], row["host_paths"], row["reaches_host"]) for row in parts["mounts"]] == [
        ("/etc/x", ["/etc/x"], True),
        ("/x", ["/run/docker.sock"], False),
    ]
    assert parts["root_mount"]["fstype"] == "overlay"
    assert parts["mounts_truncated"] is False
    tree.write("/proc/7/mountinfo", "40 30 0:50 / / rw - overlay overlay rw")
    assert read_mount_parts(tree.files, 7, ("mounts",), mounts(tree)) == {"mounts": [], "mounts_truncated": False}


def test_nonsense_among_a_container_s_mounts_is_not_passed_over(tree):
    tree.write("/proc/7/mountinfo", "40 30 0:50 / / rw - overlay overlay rw\nnonsense")
    files = tree.files
    assert read_mount_parts(files, 7, ("mounts",), mounts(tree)) == {"mounts": None, "mounts_truncated": None}
    assert files.unreadable


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("/", "/"),
        ("/etc", "/etc"),
        ("/var/run/docker.sock", "/run/docker.sock"),
        ("//var//run/./docker.sock/", "/run/docker.sock"),
        ("/var/run/../lib", "/usr/lib"),
        ("/lib/x", "/usr/lib/x"),
        ("/var/run/*/podman.sock", "/run/*/podman.sock"),
        ("/*", "/*"),
        ("/var/absent/x", "/var/absent/x"),
    ],
)
def test_where_a_path_leads(tree, path, real):
    tree.link("/var/run", "/run")
    tree.link("/lib", "usr/lib")
    tree.write("/run/docker.sock")
    files = tree.files
    assert real_path(files, path) == real
    assert files.unreadable == []


def test_links_that_lead_in_a_circle(tree):
    tree.link("/a", "b")
    tree.link("/b", "a")
    assert real_path(tree.files, "/a/x") in ("/a/x", "/b/x")
