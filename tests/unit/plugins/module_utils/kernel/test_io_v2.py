# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.io_v2 import read_io
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def told(row):
    return {key: value for key, value in row.items() if value is not None}


def test_totals_and_limits_of_one_device_are_one_row(tree):
    tree.write(
        "/c/io.stat",
        "8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0\n"
        "8:0 rbytes=90430464 wbytes=299008000 rios=8950 wios=1252 dbytes=50331648 dios=3021",
    )
    tree.write("/c/io.max", "8:16 rbps=2097152 wbps=max riops=max wiops=120")
    files = tree.files
    assert [told(row) for row in read_io(files, "/c")] == [
        {
            "device": "8:0",
            "read_bytes": 90430464,
            "write_bytes": 299008000,
            "read_operations": 8950,
            "write_operations": 1252,
        },
        {
            "device": "8:16",
            "read_bytes": 1459200,
            "write_bytes": 314773504,
            "read_operations": 192,
            "write_operations": 353,
            "read_limit_bytes_per_second": 2097152,
            "write_limit_operations_per_second": 120,
        },
    ]
    assert files.unreadable == []


def test_a_limit_of_a_device_that_was_not_used(tree):
    tree.write("/c/io.max", "8:0 rbps=1048576 wbps=max riops=max wiops=max")
    assert [told(row) for row in read_io(tree.files, "/c")] == [
        {"device": "8:0", "read_limit_bytes_per_second": 1048576}
    ]


def test_all_max_is_no_limit(tree):
    tree.write("/c/io.max", "8:0 rbps=max wbps=max riops=max wiops=max")
    assert read_io(tree.files, "/c") == []


def test_nothing_used(tree):
    tree.write("/c/io.stat", b"")
    files = tree.files
    assert read_io(files, "/c") == []
    assert files.unreadable == []


def test_devices_without_figures_and_hidden_ones(tree):
    """As printed by Linux 5.15 for detached loop devices and for the paths of a multipath NVMe device."""
    tree.write(
        "/c/io.stat", "7:7 7:6 rbytes=28672 wbytes=0 rios=22 wios=0\n(unknown) rbytes=1 wbytes=2 rios=3 wios=4\n8:0 "
    )
    files = tree.files
    assert {row["device"]: row["read_bytes"] for row in read_io(files, "/c")} == {"7:6": 28672, "(unknown)": 1}
    assert files.unreadable == []


def test_malformed(tree):
    tree.write("/c/io.stat", "8:0 rbytes=1 wbytes")
    files = tree.files
    assert read_io(files, "/c") == []
    assert files.unreadable[0]["path"] == "/c/io.stat"
