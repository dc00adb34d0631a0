# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit.junit.xml: a suite for each host of the run, a case for each rule, as CI systems read it.

A rule fails where a container fails it. It is skipped where it could not be told of a container, and where none passes:
it is about none of them, or is waived, or the host has not what it is about. A host that was lost is a suite with one
case in error.
"""

from __future__ import annotations

from html import escape

from ...module_utils.policy.verdict import names
from .evidence import shown, shown_evidence
from .merge import answer_of
from .words import counted, subject_of

# Containers that are told of one rule of one host.
_MOST = 50
# What a rule without failures comes to, the first that there is; it passes where there are no words.
_OTHERS = {"unknown": "could not be told", "pass": None, "waived": "waived", "not_applicable": "not applicable"}


class JUnitReport:
    """``run``: begin of the run; hosts that were not part of it are left out."""

    def __init__(self, file, run):
        self._file, self._run = file, run
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="fathom.containers audit">\n')

    def add(self, name, entry):
        if entry["run"] != self._run:
            return
        if entry["error"] is not None:
            cases = [_case(name, "audit", "error", "the host was not audited", "", entry["error"])]
        else:
            cases = _cases(name, answer_of(entry))
        counts = {what: sum(f"<{what} " in case for case in cases) for what in ("failure", "error", "skipped")}
        self._file.write(
            f"<testsuite name={_attribute(name)} timestamp={_attribute((entry['audited_at'] or self._run)[:19])} "
            f'tests="{len(cases)}" failures="{counts["failure"]}" errors="{counts["error"]}" '
            f'skipped="{counts["skipped"]}">\n'
        )
        self._file.writelines(cases)
        self._file.write("</testsuite>\n")

    def end(self):
        self._file.write("</testsuites>\n")


def _cases(name, answer):
    found = {}
    for finding in answer["findings"]:
        found.setdefault((finding["rule"], finding["status"]), []).append(finding)
    return [_rule_case(name, row, found) for row in answer["summary"]["rules"]]


def _rule_case(name, row, found):
    rule = row["rule"]
    title = rule if row["title"] == rule else f"{rule}: {row['title']}"
    failed = found.get((rule, "fail"), [])
    if failed:
        subjects = dict.fromkeys(subject_of(finding) for finding in failed)
        message = f"{counted(len(subjects), 'container')}: {names(subjects)}"
        more = [f"and {len(failed) - _MOST} more"] if len(failed) > _MOST else []
        lines = [_line(finding) for finding in failed[:_MOST]] + more
        return _case(name, title, "failure", message, row["severity"], "\n".join(lines))
    for status, words in _OTHERS.items():
        if row[status]:
            reason = words and f"{words} {counted(row[status], 'time')}"
            return _case(name, title, reason and "skipped", reason)
    return _case(name, title, "skipped", "about no container of this host")


def _line(finding):
    told = ("expected", "declared", "enforced")
    parts = [f"{key} {shown(finding[key])}" for key in told if finding[key] is not None]
    evidence = f" ({shown_evidence(finding['evidence'])})" if finding["evidence"] else ""
    # No line end in a name may make a line of its own.
    return f"{shown(subject_of(finding))}: {', '.join(parts)}{evidence}"


def _case(host, name, outcome=None, message="", kind="", text=""):
    begin = f"<testcase classname={_attribute(host)} name={_attribute(name)}"
    if outcome is None:
        return begin + "/>\n"
    attributes = f"message={_attribute(message)}" + (f" type={_attribute(kind)}" if kind else "")
    lines = "\n".join(escape(shown(line, 4000), quote=False) for line in text.splitlines())
    return f"{begin}><{outcome} {attributes}>{lines}</{outcome}></testcase>\n"


def _attribute(text):
    return f'"{escape(shown(text))}"'
