# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.module_utils.kernel.pressure import read_pressure
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree


def test_figures(tmp_path):
    tree = Tree(tmp_path)
    tree.write(
        "/p", "some avg10=1.53 avg60=0.87 avg300=0.20 total=151234\nfull avg10=0.00 avg60=0.00 avg300=0.05 total=9876"
    )
    assert read_pressure(tree.files, "/p") == {
        "some": {"avg10": 1.53, "avg60": 0.87, "avg300": 0.2, "total_usec": 151234},
        "full": {"avg10": 0.0, "avg60": 0.0, "avg300": 0.05, "total_usec": 9876},
    }


def test_absent(tmp_path):
    files = Tree(tmp_path).files
    assert read_pressure(files, "/p") is None
    assert files.unreadable == []


def test_unreadable(tmp_path):
    tree = Tree(tmp_path)
    tree.unreadable("/p")
    files = tree.files
    assert read_pressure(files, "/p") is None
    assert files.unreadable == [{"path": "/p", "reason": "Is a directory"}]
