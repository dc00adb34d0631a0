# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import json
import os
import re
import resource
import stat
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from ansible_collections.fathom.containers.plugins.plugin_utils.report.write import FILES, file_name, write_report
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container, finding
from ansible_collections.fathom.containers.tests.unit.examples import examples
from hypothesis import given
from hypothesis import strategies as st

ROLE = str(Path(__file__).resolve().parents[5] / "roles" / "audit")
WEB = container("web")


def write(folder, run, wanted=None, **answers):
    asked = {
        name: lambda _before, one=one: {
            "time": run,
            "error": one if isinstance(one, str) else None,
            "answer": None if isinstance(one, str) else one,
        }
        for name, one in answers.items()
    }
    fleet, warnings = write_report(str(folder), asked, run, run, ROLE, lambda _packs: [], wanted)
    return json.loads((folder / "audit.json").read_text()), warnings, fleet


def time(minute):
    return f"2026-11-24T11:{minute:02}:00Z"


def test_all_files_for_everybody_to_read(tmp_path):
    write(tmp_path, time(1), one=answer([WEB], [finding(WEB)]))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*FILES, "audit.prom"])
    assert [path.name for path in (tmp_path / "audit.prom").iterdir()] == ["one.prom"]
    files = [*(tmp_path / name for name in FILES), tmp_path / "audit.prom" / "one.prom"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o644}


def test_a_run_of_a_part_goes_on_from_what_is_there(tmp_path):
    write(tmp_path, time(1), a=answer([WEB], [finding(WEB)]), b=answer([WEB], [finding(WEB)]))
    report, warnings, _fleet = write(tmp_path, time(2), a=answer([WEB]))
    assert (warnings, report["previous_generated_at"]) == ([], time(1))
    assert {name: entry["audited_at"] for name, entry in report["hosts"].items()} == {"a": time(2), "b": time(1)}
    assert report["summary"]["hosts"] == {"audited": 1, "kept": 1, "lost": 0}
    assert report["summary"]["changes"]["fixed"] == 1


def test_batches_of_one_run_compare_with_the_run_before(tmp_path):
    write(tmp_path, time(1), a=answer([WEB], [finding(WEB)]), b=answer([WEB], [finding(WEB)]))
    write(tmp_path, time(2), a=answer([WEB]))
    report, _warnings, _fleet = write(tmp_path, time(2), b=answer([WEB], [finding(WEB, 3)]))
    assert report["previous_generated_at"] == time(1)
    assert report["summary"]["hosts"] == {"audited": 2, "kept": 0, "lost": 0}
    assert report["summary"]["changes"] == {"new": 1, "open": 0, "fixed": 2}


def test_hosts_that_are_not_wanted_any_more(tmp_path):
    write(tmp_path, time(1), a=answer(), b=answer())
    assert list(write(tmp_path, time(2), {"a"}.__contains__, c=answer())[0]["hosts"]) == ["a", "c"]
    assert sorted(path.name for path in (tmp_path / "audit.prom").iterdir()) == ["a.prom", "c.prom"]


def test_no_host_at_all(tmp_path):
    assert write(tmp_path, time(1))[0]["hosts"] == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"collection": "fathom.containers", "hosts": {}}',
        '{"collection": "fathom.containers", "format": 1, "hosts": {}}',
        "\x00",
    ],
)
def test_what_is_no_audit_is_put_aside(tmp_path, text):
    (tmp_path / "audit.json").write_text(text)
    report, warnings, _fleet = write(tmp_path, time(1), one=answer())
    assert (list(report["hosts"]), report["previous_generated_at"]) == (["one"], None)
    assert len(warnings) == 1
    assert "is no audit to go on from" in warnings[0]
    assert (tmp_path / "audit.json.unread").read_text() == text


def test_what_was_put_aside_before_stays(tmp_path):
    for text in ("one", "two", "three"):
        (tmp_path / "audit.json").write_text(text)
        write(tmp_path, time(1))
    aside = {path.name: path.read_text() for path in tmp_path.glob("*.unread*")}
    assert aside == {"audit.json.unread": "one", "audit.json.unread-2": "two", "audit.json.unread-3": "three"}


def test_where_there_is_no_room_nothing_is_left_behind(tmp_path):
    write(tmp_path, time(1), one=answer())
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The kernel then refuses to write, as it does on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write(tmp_path, time(2), one=answer([WEB], [finding(WEB)]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert {path.name for path in tmp_path.iterdir()} == {*FILES, "audit.prom"}
    assert [path.name for path in (tmp_path / "audit.prom").iterdir()] == ["one.prom"]
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == before


def test_a_report_that_breaks_off_leaves_the_one_that_is_there(tmp_path):
    write(tmp_path, time(1), one=answer())
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    broken = answer([WEB])
    del broken["summary"]["by_severity"]
    with pytest.raises(KeyError):
        write(tmp_path, time(2), one=broken)
    assert {path.name for path in tmp_path.iterdir()} == {*FILES, "audit.prom"}
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == before


def test_the_file_of_a_host_has_a_name_that_stays_in_its_directory():
    names = ["web", "a/../../b", "..", "x" * 300, "x" * 301, "[::1]", "ü", "\ud800"]
    made = [file_name(name) + ".prom" for name in names]
    assert all(os.path.basename(name) == name and name not in (".", "..") for name in made)
    assert len(set(made)) == len(names)
    assert max(map(len, made)) < 255


class Page(HTMLParser):
    """What a browser makes of the page: its elements, and the texts of its scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self._inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.cdata_elem == "script":
            self.scripts[-1] += data


def test_the_page_needs_nothing_from_elsewhere(tmp_path):
    write(tmp_path, time(1), one=answer([WEB], [finding(WEB)]))
    page = Page((tmp_path / "audit.html").read_text())
    assert [tag for tag, attributes in page.tags if "src" in attributes or (tag == "link")] == []
    assert all(attributes["href"].startswith("#") for _tag, attributes in page.tags if "href" in attributes)
    policy = next(attributes["content"] for tag, attributes in page.tags if attributes.get("http-equiv"))
    assert re.match(r"default-src 'none'; style-src 'sha256-[^' ]+'; script-src 'sha256-[^' ]+';", policy)


@pytest.mark.parametrize("mark", ["@data@", "%data%", "\x00", "data"])
def test_no_text_is_taken_for_the_place_of_the_data(tmp_path, mark):
    hostile = container(mark, image=mark)
    found = finding(hostile, title=mark, enforced=mark)
    write(tmp_path, time(1), one=answer([hostile], [found]), lost=mark)
    page = Page((tmp_path / "audit.html").read_text())
    assert len(json.loads(page.scripts[0])["hosts"]) == 2


@examples(0.3)
@given(st.text(max_size=60))
def test_no_text_harms_any_file(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("report")
    name = text + "</script><img src=x onerror=alert(1)>{{ 7*7 }}"
    hostile = container(name, image=name, state=name)
    found = finding(hostile, rule=name, title=name, expected=name, declared=name, enforced=name, remediation=name)
    write(folder, time(1), **{text: answer([hostile], [found]), "lost" + text: text})
    page = Page((folder / "audit.html").read_text())
    assert "img" not in [tag for tag, _attributes in page.tags]
    assert len(page.scripts) == 2
    data = json.loads(page.scripts[0])
    assert len(data["hosts"]) == 2
    list(ET.parse(str(folder / "audit.junit.xml")).iter())
    with open(str(folder / "audit.csv"), newline="") as file:
        # The head, the finding, the lost host.
        assert len(list(csv.reader(file))) == 3
    for file in folder.rglob("audit.*"):
        if file.is_file():
            assert "\x1b" not in file.read_text()
