# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.meminfo import MemInfo, read_meminfo
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def test_the_kernels_kb_is_1024_bytes(tree):
    tree.write("/proc/meminfo", "MemTotal:       24683656 kB\nMemFree:        20903100 kB\nSwapTotal:       2097148 kB")
    assert read_meminfo(tree.files) == MemInfo(24683656 * 1024, 2097148 * 1024)


def test_no_swap_is_zero_and_not_unknown(tree):
    tree.write("/proc/meminfo", "MemTotal: 1 kB\nSwapTotal: 0 kB")
    assert read_meminfo(tree.files).swap_total_bytes == 0


def test_how_much_swap_is_free(tree):
    tree.write("/proc/meminfo", "MemTotal: 1 kB\nSwapTotal: 8 kB\nSwapFree: 3 kB")
    assert read_meminfo(tree.files).swap_free_bytes == 3 * 1024


def test_absent(tree):
    files = tree.files
    assert read_meminfo(files) == MemInfo(None, None)
    assert files.unreadable == []


def test_unreadable(tree):
    tree.unreadable("/proc/meminfo")
    files = tree.files
    assert read_meminfo(files) == MemInfo(None, None)
    assert files.unreadable == [{"path": "/proc/meminfo", "reason": "Is a directory"}]


@pytest.mark.parametrize("value", ["", "lots kB"])
def test_malformed(tree, value):
    tree.write("/proc/meminfo", f"MemTotal: {value}\nSwapTotal: 4 kB")
    files = tree.files
    assert read_meminfo(files) == MemInfo(None, 4096)
    (refused,) = files.unreadable
    assert refused["path"] == "/proc/meminfo"
    assert "expected 'MemTotal: NUMBER kB'" in refused["reason"]
