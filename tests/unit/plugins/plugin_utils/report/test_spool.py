# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import stat

from ansible_collections.fathom.containers.plugins.plugin_utils.report.spool import Spool

RECORD: dict = {"time": "now", "error": None, "answer": {"findings": []}}


def test_a_record_is_given_once(tmp_path):
    Spool(str(tmp_path)).put("web", RECORD)
    assert Spool(str(tmp_path)).take("web") == RECORD
    assert Spool(str(tmp_path)).take("web") is None


def test_any_name_of_a_host(tmp_path):
    names = ["a/../b", "..", "x" * 400, "[::1]", "ü\ud800", ""]
    for name in names:
        Spool(str(tmp_path)).put(name, dict(RECORD, time=name[:3]))
    assert [Spool(str(tmp_path)).take(name)["time"] for name in names] == [name[:3] for name in names]


def test_a_run_begins_once(tmp_path):
    begun = Spool(str(tmp_path)).begin()
    assert Spool(str(tmp_path)).begin() == begun
    assert begun.endswith("Z")
    assert sorted(path.name for path in (tmp_path / "fathom-audit").iterdir()) == ["begun"]


def test_runs_that_begin_in_the_same_second_are_told_apart(tmp_path):
    begun = {Spool(str(tmp_path / str(number))).begin() for number in range(20)}
    assert len(begun) == 20


def test_nobody_else_reads_it(tmp_path):
    Spool(str(tmp_path)).begin()
    assert stat.S_IMODE((tmp_path / "fathom-audit").stat().st_mode) == 0o700
