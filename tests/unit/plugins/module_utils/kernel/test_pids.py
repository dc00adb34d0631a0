# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.kernel.pids import Pids, read_pids
from ansible_collections.fathom.containers.tests.unit.hosttree import PIDS, Tree


@pytest.fixture
def tree(tmp_path):
    tree = Tree(tmp_path)
    tree.directory("/p", PIDS)
    return tree


def test_unlimited(tree):
    assert read_pids(tree.files, "/p") == Pids(UNLIMITED, 1, 0)


def test_limited(tree):
    tree.directory("/p", {"pids.max": 512, "pids.current": 17, "pids.events": "max 3"})
    assert read_pids(tree.files, "/p") == Pids(512, 17, 3)


def test_zero_is_a_limit(tree):
    tree.write("/p/pids.max", "0")
    assert read_pids(tree.files, "/p").limit == 0


def test_the_root_has_no_limit(tree):
    tree.remove("/p/pids.max")
    tree.remove("/p/pids.events")
    files = tree.files
    assert read_pids(files, "/p") == Pids(UNLIMITED, 1, None)
    assert files.unreadable == []


def test_unreadable_is_no_unlimited(tree):
    tree.unreadable("/p/pids.max")
    files = tree.files
    assert read_pids(files, "/p").limit is None
    assert files.unreadable == [{"path": "/p/pids.max", "reason": "Is a directory"}]
