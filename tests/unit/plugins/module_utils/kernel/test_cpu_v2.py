# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.cpu_v2 import read_cpu
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.tests.unit.hosttree import V2, Tree


@pytest.fixture
def tree(tmp_path):
    tree = Tree(tmp_path)
    tree.directory("/c", V2)
    return tree


def test_every_figure(tree):
    tree.directory(
        "/c",
        {
            "cpu.max": "50000 100000",
            "cpu.weight": 20,
            "cpu.stat": "usage_usec 1500\nuser_usec 1\nnr_periods 10\nnr_throttled 4\nthrottled_usec 2999",
        },
    )
    files = tree.files
    assert read_cpu(files, "/c")._asdict() == {
        "quota_usec": 50000,
        "period_usec": 100000,
        "shares": None,
        "weight": 20,
        "usage_usec": 1500,
        "periods": 10,
        "throttled_periods": 4,
        "throttled_usec": 2999,
    }
    assert files.unreadable == []


def test_max_is_unlimited(tree):
    cpu = read_cpu(tree.files, "/c")
    assert (cpu.quota_usec, cpu.period_usec) == (UNLIMITED, 100000)


def test_the_root_and_a_cgroup_without_the_controller_have_no_limit(tree):
    for name in ("max", "weight"):
        tree.remove("/c/cpu." + name)
    tree.write("/c/cpu.stat", "usage_usec 1500\nuser_usec 1\nsystem_usec 2")
    files = tree.files
    cpu = read_cpu(files, "/c")
    assert (cpu.quota_usec, cpu.period_usec, cpu.weight) == (UNLIMITED, None, None)
    assert (cpu.usage_usec, cpu.periods, cpu.throttled_periods) == (1500, None, None)
    assert files.unreadable == []


def test_unreadable_is_no_unlimited(tree):
    tree.unreadable("/c/cpu.max")
    files = tree.files
    assert read_cpu(files, "/c").quota_usec is None
    assert files.unreadable == [{"path": "/c/cpu.max", "reason": "Is a directory"}]


@pytest.mark.parametrize("content", ["", "max", "max 100000 3", "some 100000", "max often"])
def test_malformed(tree, content):
    tree.write("/c/cpu.max", content)
    files = tree.files
    cpu = read_cpu(files, "/c")
    assert (cpu.quota_usec, cpu.period_usec) == (None, None)
    (refused,) = files.unreadable
    assert refused["path"] == "/c/cpu.max"
    assert refused["reason"].startswith("expected '$QUOTA $PERIOD', found ")
    assert content in refused["reason"]
