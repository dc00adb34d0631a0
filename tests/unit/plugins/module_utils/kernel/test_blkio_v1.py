# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.blkio_v1 import read_io
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def told(row):
    return {key: value for key, value in row.items() if value is not None}


def test_totals_and_limits(tree):
    tree.directory(
        "/b",
        {
            "blkio.throttle.io_service_bytes_recursive": "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 8192\n"
            "8:0 Async 4096\n8:0 Discard 0\n8:0 Total 12288\nTotal 12288",
            "blkio.throttle.io_serviced_recursive": "8:0 Read 1\n8:0 Write 2\n8:0 Total 3\nTotal 3",
            "blkio.throttle.read_bps_device": "8:16 1048576",
            "blkio.throttle.write_bps_device": "",
            "blkio.throttle.read_iops_device": "",
            "blkio.throttle.write_iops_device": "8:0 100",
        },
    )
    files = tree.files
    assert [told(row) for row in read_io(files, "/b")] == [
        {
            "device": "8:0",
            "read_bytes": 4096,
            "write_bytes": 8192,
            "read_operations": 1,
            "write_operations": 2,
            "write_limit_operations_per_second": 100,
        },
        {"device": "8:16", "read_limit_bytes_per_second": 1048576},
    ]
    assert files.unreadable == []


def test_nothing_used(tree):
    tree.write("/b/blkio.throttle.io_service_bytes_recursive", "Total 0")
    assert read_io(tree.files, "/b") == []


def test_absent(tree):
    files = tree.files
    assert read_io(files, "/b") == []
    assert files.unreadable == []


def test_unreadable(tree):
    tree.unreadable("/b/blkio.throttle.read_bps_device")
    files = tree.files
    assert read_io(files, "/b") == []
    assert files.unreadable == [{"path": "/b/blkio.throttle.read_bps_device", "reason": "Is a directory"}]


def test_rows_of_another_shape_are_left_out(tree):
    tree.write("/b/blkio.throttle.io_service_bytes_recursive", b"8:0 Read many\n8:0 Read\n\xff \xff 1\n8:0 Write 5\n")
    assert [told(row) for row in read_io(tree.files, "/b")] == [{"device": "8:0", "write_bytes": 5}]
