# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.capabilities import (
    CAPABILITIES,
    capability_names,
)
from ansible_collections.fathom.containers.plugins.module_utils.kernel.confinement import (
    confinement,
    read_apparmor,
    read_modules,
    read_selinux,
)
from ansible_collections.fathom.containers.plugins.module_utils.kernel.process import read_status
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree

# Docker's default, as capsh --decode=00000000a80425fb tells it.
DOCKERS_MASK = 0x00000000A80425FB
DOCKERS = (
    "cap_chown,cap_dac_override,cap_fowner,cap_fsetid,cap_kill,cap_setgid,cap_setuid,cap_setpcap,"
    "cap_net_bind_service,cap_net_raw,cap_sys_chroot,cap_mknod,cap_audit_write,cap_setfcap"
)


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def test_capabilities_by_name():
    assert capability_names(0) == []
    assert ",".join(capability_names(DOCKERS_MASK)).lower() == DOCKERS
    assert capability_names((1 << 41) - 1) == list(CAPABILITIES)
    # Two numbers as the kernel's header has them.
    assert (CAPABILITIES[21], CAPABILITIES[40]) == ("CAP_SYS_ADMIN", "CAP_CHECKPOINT_RESTORE")


def test_a_capability_that_is_newer_than_the_table():
    assert capability_names(1 << 41 | 1 << 63) == ["CAP_41", "CAP_63"]


def told(tree, text):
    tree.write("/proc/7/status", "Name:\tsleep\n" + text)
    return confinement(read_status(tree.files, 7))


def test_a_confined_process(tree):
    found = told(
        tree, "CapEff:\t0000000000000400\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1"
    )
    assert found == ("filter", True, ["CAP_NET_BIND_SERVICE"], capability_names(DOCKERS_MASK))


def test_an_unconfined_process(tree):
    found = told(tree, "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t0\nSeccomp:\t0")
    assert found == ("disabled", False, [], [])


def test_a_kernel_that_does_not_tell(tree):
    assert told(tree, "Threads:\t1") == (None, None, None, None)


def test_an_unknown_mode_of_seccomp_comes_as_it_is(tree):
    assert told(tree, "Seccomp:\t3").seccomp == "3"


@pytest.mark.parametrize(
    ("listed", "modules"),
    [
        ("capability,lockdown,landlock,yama,apparmor", ["apparmor"]),
        ("capability,selinux,bpf", ["selinux"]),
        ("capability,yama", []),
        ("capability,apparmor2", []),
    ],
)
def test_modules_of_the_kernels_list(tree, listed, modules):
    tree.write("/sys/kernel/security/lsm", listed.encode())
    tree.write("/sys/module/apparmor/parameters/enabled", "Y")
    assert read_modules(tree.files) == modules


@pytest.mark.parametrize("path", ["/sys/kernel/security/lsm", "/sys/module/apparmor/parameters/enabled"])
def test_modules_are_not_known_where_what_tells_them_can_not_be_read(tree, path):
    tree.unreadable(path)
    files = tree.files
    assert read_modules(files) is None
    assert [one["path"] for one in files.unreadable] == [path]
    tree.write("/sys/fs/selinux/enforce", "1")
    assert read_modules(tree.files) == ["selinux"]


@pytest.mark.parametrize(("enabled", "modules"), [("Y", ["apparmor"]), ("N", [])])
def test_modules_where_the_list_is_out_of_sight(tree, enabled, modules):
    assert read_modules(tree.files) == []
    tree.write("/sys/module/apparmor/parameters/enabled", enabled)
    assert read_modules(tree.files) == modules
    tree.write("/sys/fs/selinux/enforce", "1")
    assert read_modules(tree.files) == [*modules, "selinux"]


@pytest.mark.parametrize(
    ("label", "profile"),
    [
        ("docker-default (enforce)", ("docker-default", "enforce")),
        ("my profile//child (complain)", ("my profile//child", "complain")),
        ("unconfined", ("unconfined", None)),
        ("{{ 7*7 }} \x1b(enforce)", ("{{ 7*7 }} \x1b(enforce)", None)),
    ],
)
@pytest.mark.parametrize("name", ["attr/apparmor/current", "attr/current"])
def test_apparmor(tree, name, label, profile):
    tree.write("/proc/7/" + name, label)
    files = tree.files
    assert read_apparmor(files, 7) == profile
    assert files.unreadable == []


def test_apparmors_own_file_comes_first(tree):
    tree.write("/proc/7/attr/apparmor/current", "unconfined")
    tree.write("/proc/7/attr/current", "system_u:system_r:container_t:s0")
    assert read_apparmor(tree.files, 7) == ("unconfined", None)


def test_no_label(tree):
    assert read_apparmor(tree.files, 7) == (None, None)
    assert read_selinux(tree.files, 7) is None


def test_selinux(tree):
    tree.write("/proc/7/attr/current", b"system_u:system_r:container_t:s0:c1,c2\0")
    assert read_selinux(tree.files, 7) == "system_u:system_r:container_t:s0:c1,c2"
