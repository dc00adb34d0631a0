# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of several controllers, joined as docs/large-fleets.md says, are a report that the next run goes on from."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.fathom.containers.plugins.plugin_utils.report.write import write_report
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container, finding

ROLE = str(Path(__file__).resolve().parents[5] / "roles" / "audit")
WEB = container("web")


def write(folder, run, *hosts):
    folder.mkdir(exist_ok=True)
    told = {"time": run, "error": None, "answer": answer([WEB], [finding(WEB)])}
    write_report(str(folder), {host: lambda _before: told for host in hosts}, run, run, ROLE, lambda _packs: [])
    return json.loads((folder / "audit.json").read_text())


def test_the_next_run_has_the_hosts_of_all(tmp_path):
    slices = [
        write(tmp_path / "slice-1", "2026-11-24T11:00:00Z", "a", "d"),
        write(tmp_path / "slice-2", "2026-11-24T11:01:00Z", "b"),
    ]
    hosts = {name: entry for one in slices for name, entry in one["hosts"].items()}
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "audit.json").write_text(json.dumps({**slices[0], "hosts": hosts}, indent=2))
    report = write(tmp_path / "all", "2026-11-24T11:02:00Z", "c")
    assert list(report["hosts"]) == ["a", "b", "c", "d"]
    assert report["summary"]["hosts"] == {"audited": 1, "kept": 3, "lost": 0}
    assert {row["fail"] for row in report["rules"] if row["fail"]} == {4}
    page = (tmp_path / "all" / "audit.html").read_text()
    assert all(f'["{host}",' in page for host in "abcd")
