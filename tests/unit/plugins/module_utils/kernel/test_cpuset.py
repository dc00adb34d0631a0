# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.cpuset import Cpuset, read_cpuset
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree


@pytest.mark.parametrize(("version", "effective"), [(1, "cpuset.effective_cpus"), (2, "cpuset.cpus.effective")])
def test_what_was_set_and_what_is_granted(tmp_path, version, effective):
    tree = Tree(tmp_path)
    tree.directory("/c", {"cpuset.cpus": "0-3,7", "cpuset.mems": "0-1", effective: "0-1"})
    assert read_cpuset(tree.files, "/c", version) == Cpuset("0-3,7", "0-1")


def test_nothing_set_is_an_empty_list_and_not_absent(tmp_path):
    tree = Tree(tmp_path)
    tree.directory("/c", {"cpuset.cpus": "", "cpuset.mems": "", "cpuset.cpus.effective": "0-1"})
    assert read_cpuset(tree.files, "/c", 2) == Cpuset("", "0-1")


def test_absent(tmp_path):
    files = Tree(tmp_path).files
    assert read_cpuset(files, "/c", 2) == Cpuset(None, None)
    assert files.unreadable == []
