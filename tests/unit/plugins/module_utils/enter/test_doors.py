# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroups import Init
from ansible_collections.fathom.containers.plugins.module_utils.enter.doors import check_types, close_doors, open_doors
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import Files
from ansible_collections.fathom.containers.plugins.module_utils.kernel.namespaces import TYPES
from ansible_collections.fathom.containers.plugins.module_utils.kernel.process import read_start_time
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree


@pytest.fixture
def myself():
    files = Files()
    return Init(os.getpid(), read_start_time(files, os.getpid()), [], {})


def test_the_order_of_entry():
    everything = check_types(Files(), sorted(TYPES))
    assert everything == check_types(Files(), sorted(TYPES, reverse=True))
    assert sorted(everything) == sorted(TYPES)
    assert everything[-2:] == ["mnt", "user"]
    assert check_types(Files(), ["uts", "uts"]) == ["uts"]


def test_a_type_that_the_kernel_lacks(tmp_path):
    tree = Tree(tmp_path)
    tree.link("/proc/self/ns/net", "net:[1]")
    tree.link("/proc/self/ns/uts", "uts:[2]")
    with pytest.raises(FathomError, match=r"namespaces has time, mnt, which the kernel .* not have; it has: net, uts"):
        check_types(tree.files, ["uts", "time", "mnt"])


def test_what_is_this_processs_own_is_not_entered(myself):
    doors, own = open_doors(Files(), myself, ["net", "uts"])
    assert (doors, own) == ([], ["net", "uts"])


def test_doors_are_open_files_of_the_namespaces(myself, monkeypatch):
    real = os.stat

    def another(path, **options):
        """As if this process had a uts namespace of its own."""
        return real("/proc/self/ns/net" if path == "/proc/self/ns/uts" else path, **options)

    monkeypatch.setattr(os, "stat", another)
    doors, own = open_doors(Files(), myself, ["net", "uts"])
    assert own == ["net"]
    (door,) = doors
    assert door.kind == "uts"
    assert os.fstat(door.descriptor).st_ino == real("/proc/self/ns/uts").st_ino
    close_doors(doors)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(door.descriptor)


@pytest.mark.parametrize("change", [{"pid": 1 << 30}, {"start_time": 1}])
def test_a_process_that_ended_or_is_another(myself, change):
    before = os.listdir("/proc/self/fd")
    with pytest.raises(FathomError, match="the container ended while its namespaces were opened"):
        open_doors(Files(), myself._replace(**change), ["net", "uts"])
    assert os.listdir("/proc/self/fd") == before


def test_a_process_of_somebody_else(myself, monkeypatch):
    def denied(path, *_flags):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "open", denied)
    message = r"/proc/\d+/ns/net can't be opened: Permission denied; only root may enter .*become: true"
    with pytest.raises(FathomError, match=message):
        open_doors(Files(), myself, ["net"])
