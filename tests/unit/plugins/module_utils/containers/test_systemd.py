# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.systemd import (
    Unit,
    UnitFiles,
    find_reload_drift,
    unit_record,
)
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.kernel.memory import Memory
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, A, Tree

SCOPE = f"docker-{A}.scope"
PATH = "/system.slice/" + SCOPE
TRANSIENT = "/run/systemd/transient"
# As systemd 257 writes the unit of a container of Docker 26 started with --memory 64m.
CONTENT = (
    "# This is a transient unit file, created programmatically via the systemd API. Do not edit.\n"
    "[Scope]\nSlice=system.slice\nDelegate=yes\n[Unit]\nDescription=libcontainer container\n"
    "[Scope]\nMemoryMax=67108864\nTasksMax=100"
)
MEMORY = Memory._make([None] * len(Memory._fields))._replace(
    limit=64 * MIB, swap_limit=64 * MIB, high=UNLIMITED, reservation=0, stat={}
)


@pytest.fixture
def tree(tmp_path):
    tree = Tree(tmp_path)
    tree.write(f"{TRANSIENT}/{SCOPE}", CONTENT)
    return tree


def limits(tree, path=PATH):
    unit = UnitFiles(tree.files).unit_of(path)
    return unit and unit.limits


def test_a_transient_unit(tree):
    unit = UnitFiles(tree.files).unit_of(PATH)
    assert unit.name == SCOPE
    assert unit.limits == {"MemoryMax": 64 * MIB, "MemorySwapMax": UNLIMITED, "MemoryHigh": UNLIMITED, "MemoryLow": 0}


@pytest.mark.parametrize(
    "path", [f"/docker/{A}", "/", "", "/system.slice/other.scope", f"{PATH}/container", "/system.slice"]
)
def test_cgroups_that_systemd_did_not_make(tree, path):
    assert UnitFiles(tree.files).unit_of(path) is None


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("infinity", UNLIMITED),
        ("0", 0),
        ("512", 512),
        ("4K", 4096),
        ("64M", 64 * MIB),
        ("1G", 1 << 30),
        ("50%", None),
        ("", UNLIMITED),
    ],
)
def test_sizes(tree, text, size):
    tree.write(f"{TRANSIENT}/{SCOPE}", f"[Scope]\nMemoryMax={text}")
    assert limits(tree)["MemoryMax"] == size


def test_v1s_own_name_of_the_limit_counts_where_none_of_the_others_is_set(tree):
    drop_in = f"{TRANSIENT}/{SCOPE}.d/50-MemoryLimit.conf"
    tree.write(drop_in, "[Scope]\nMemoryLimit=32M")
    assert limits(tree)["MemoryMax"] == 64 * MIB
    tree.write(f"{TRANSIENT}/{SCOPE}", "[Scope]\nMemoryAccounting=yes")
    assert limits(tree)["MemoryMax"] == 32 * MIB
    tree.write(f"{TRANSIENT}/{SCOPE}", "[Scope]\nMemoryHigh=16M")
    assert limits(tree)["MemoryMax"] == UNLIMITED


def test_what_set_property_made_counts_over_the_unit(tree):
    tree.write(f"/run/systemd/system.control/{SCOPE}.d/50-MemoryMax.conf", "[Scope]\nMemoryMax=33554432")
    tree.write(f"/etc/systemd/system.control/{SCOPE}.d/50-MemorySwapMax.conf", "[Scope]\nMemorySwapMax=0")
    tree.write(f"/run/systemd/system.control/{SCOPE}.d/README", "MemoryMax=1")
    assert (limits(tree)["MemoryMax"], limits(tree)["MemorySwapMax"]) == (32 * MIB, 0)


def test_drop_ins_of_the_prefix_and_of_the_type(tree):
    tree.write("/etc/systemd/system/scope.d/10-all.conf", "[Scope]\nMemoryHigh=1M\nMemoryLow=1M")
    tree.write("/etc/systemd/system/docker-.scope.d/20-docker.conf", "[Scope]\nMemoryHigh=2M")
    assert (limits(tree)["MemoryHigh"], limits(tree)["MemoryLow"]) == (2 * MIB, MIB)


def test_of_drop_ins_of_one_name_the_nearest_counts(tree):
    tree.write("/etc/systemd/system/scope.d/50-a.conf", "[Scope]\nMemoryHigh=1M")
    tree.write(f"/run/systemd/system/{SCOPE}.d/50-a.conf", "[Scope]\nMemoryHigh=2M")
    tree.write(f"/run/systemd/system.control/{SCOPE}.d/50-a.conf", "[Scope]\nMemoryHigh=3M")
    assert limits(tree)["MemoryHigh"] == 3 * MIB


def test_a_users_unit_is_in_the_users_own_directories(tree):
    path = f"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{A}.scope"
    tree.write(f"{TRANSIENT}/libpod-{A}.scope", "[Scope]\nMemoryMax=1M")
    assert limits(tree, path) is None
    tree.write(f"/run/user/1000/systemd/transient/libpod-{A}.scope", "[Scope]\nMemoryMax=2M")
    assert limits(tree, path)["MemoryMax"] == 2 * MIB


def test_comments_and_other_lines(tree):
    tree.write(
        f"{TRANSIENT}/{SCOPE}", b"# MemoryMax=1\n;MemoryMax=2\n\n[Scope]\nnonsense\n=5\n MemoryMax = 4096 \nX=\xff\n"
    )
    assert limits(tree)["MemoryMax"] == 4096


def test_a_unit_that_is_a_pipe_does_not_hang(tree):
    tree.remove(f"{TRANSIENT}/{SCOPE}")
    os.mkfifo(f"{tree.root}{TRANSIENT}/{SCOPE}")
    assert limits(tree)["MemoryMax"] == UNLIMITED


def test_record():
    unit = Unit(SCOPE, {"MemoryMax": 64 * MIB, "MemorySwapMax": None, "MemoryHigh": UNLIMITED, "MemoryLow": 0})
    assert unit_record(unit) == {
        "unit": SCOPE,
        "memory_limit_state": "limited",
        "memory_limit_bytes": 64 * MIB,
        "swap_limit_state": "unknown",
        "swap_limit_bytes": None,
    }


def reload_drift(version=2, memory=None, **properties):
    unit = Unit(
        SCOPE,
        dict({"MemoryMax": 64 * MIB, "MemorySwapMax": 64 * MIB, "MemoryHigh": UNLIMITED, "MemoryLow": 0}, **properties),
    )
    found = find_reload_drift(unit, memory or MEMORY, version, 4096)
    return {one["setting"]: (one["enforced"], one["after_reload"]) for one in found}


def test_no_reload_drift():
    assert reload_drift() == {}
    assert reload_drift(MemoryMax=64 * MIB + 4095) == {}, "the kernel floors to pages"
    assert reload_drift(MemoryMax=None) == {}
    assert reload_drift(memory=MEMORY._replace(limit=None, swap_limit=None)) == {}


def test_reload_drift():
    no_swap = MEMORY._replace(swap_limit=0)
    assert reload_drift(memory=no_swap, MemorySwapMax=UNLIMITED) == {"swap_bytes": (0, "unlimited")}
    assert reload_drift(MemoryMax=32 * MIB) == {"memory_bytes": (64 * MIB, 32 * MIB)}
    assert reload_drift(MemoryHigh=MIB, MemoryLow=4096) == {
        "high_bytes": ("unlimited", MIB),
        "memory_reservation_bytes": (0, 4096),
    }


def test_on_v1_systemd_sets_the_limit_alone():
    assert reload_drift(version=1, MemorySwapMax=0, MemoryHigh=0, MemoryLow=5, MemoryMax=0) == {
        "memory_bytes": (64 * MIB, 0)
    }
