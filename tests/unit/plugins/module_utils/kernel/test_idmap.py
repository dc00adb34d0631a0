# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.idmap import (
    Range,
    is_identity,
    parse_ranges,
    read_id_map,
)
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def test_the_identity(tree):
    # As the kernel writes it, in columns.
    tree.write("/proc/7/uid_map", "         0          0 4294967295")
    tree.write("/proc/7/gid_map", "         0          0 4294967295")
    found = read_id_map(tree.files, 7)
    assert found.uid == found.gid == [Range(0, 0, 4294967295)]
    assert is_identity(found.uid) is True


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("0 100000 65536", [(0, 100000, 65536)]),
        ("1 100000 65536\n0 1000 1", [(0, 1000, 1), (1, 100000, 65536)]),
        ("0 0 1", [(0, 0, 1)]),
        ("0 0 65536", [(0, 0, 65536)]),
    ],
)
def test_maps_that_are_no_identity(tree, text, ranges):
    tree.write("/proc/7/uid_map", text)
    found = read_id_map(tree.files, 7)
    assert found.uid == ranges
    assert found.gid is None
    assert is_identity(found.uid) is False
    assert is_identity(found.gid) is None


def test_nothing_is_mapped_yet(tree):
    tree.write("/proc/7/uid_map", b"")
    assert read_id_map(tree.files, 7).uid == []
    assert is_identity([]) is False


@pytest.mark.parametrize("content", [b"0 0\n", b"0 0 0 0\n", b"a b c\n", b"\xff"])
def test_a_map_of_another_form(tree, content):
    tree.write("/proc/7/uid_map", content)
    files = tree.files
    assert read_id_map(files, 7).uid is None
    assert [one["path"] for one in files.unreadable] == ["/proc/7/uid_map"]


def test_a_map_that_can_not_be_read(tree):
    tree.unreadable("/proc/7/uid_map")
    files = tree.files
    assert read_id_map(files, 7) == (None, None)
    assert files.unreadable == [{"path": "/proc/7/uid_map", "reason": "Is a directory"}]


@given(st.binary())
def test_any_bytes(data):
    with contextlib.suppress(TypeError, ValueError):
        assert all(len(one) == 3 for one in parse_ranges(data))
