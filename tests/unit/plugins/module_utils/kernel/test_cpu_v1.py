# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.cpu_v1 import read_cpu
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.tests.unit.hosttree import CPU_V1, Tree


@pytest.fixture
def tree(tmp_path):
    tree = Tree(tmp_path)
    tree.directory(
        "/cpu",
        dict(
            CPU_V1,
            **{
                "cpu.cfs_quota_us": 50000,
                "cpu.shares": 512,
                "cpu.stat": "nr_periods 10\nnr_throttled 4\nthrottled_time 2999999\nnr_bursts 0\nburst_time 0",
            },
        ),
    )
    tree.write("/cpuacct/cpuacct.usage", "1500999")
    return tree


def test_separate_hierarchies(tree):
    files = tree.files
    assert read_cpu(files, "/cpu", "/cpuacct")._asdict() == {
        "quota_usec": 50000,
        "period_usec": 100000,
        "shares": 512,
        "weight": None,
        "usage_usec": 1500,
        "periods": 10,
        "throttled_periods": 4,
        "throttled_usec": 2999,
    }
    assert files.unreadable == []


def test_mounted_together(tree):
    tree.write("/cpu/cpuacct.usage", "7000")
    cpu = read_cpu(tree.files, "/cpu", "/cpu")
    assert (cpu.quota_usec, cpu.usage_usec) == (50000, 7)


def test_only_accounting(tree):
    cpu = read_cpu(tree.files, None, "/cpuacct")
    assert cpu.usage_usec == 1500
    assert set(cpu._replace(usage_usec=None)) == {None}


def test_only_cpu(tree):
    cpu = read_cpu(tree.files, "/cpu", None)
    assert (cpu.quota_usec, cpu.usage_usec) == (50000, None)


def test_minus_one_is_unlimited(tree):
    tree.write("/cpu/cpu.cfs_quota_us", "-1")
    assert read_cpu(tree.files, "/cpu", None).quota_usec == UNLIMITED


def test_a_kernel_without_bandwidth_control_is_no_unlimited_one(tree):
    tree.remove("/cpu/cpu.cfs_quota_us")
    tree.remove("/cpu/cpu.cfs_period_us")
    files = tree.files
    cpu = read_cpu(files, "/cpu", None)
    assert (cpu.quota_usec, cpu.period_usec, cpu.shares) == (None, None, 512)
    assert files.unreadable == []
