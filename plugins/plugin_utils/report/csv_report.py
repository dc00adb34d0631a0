# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit.csv: a row for each finding and each lost host, for spreadsheets. Pure but for the file it is given."""

from __future__ import annotations

import csv
import re

from .evidence import MOST, shown, shown_evidence
from .merge import answer_of
from .words import rank

COLUMNS = (
    *("host", "severity", "status", "change", "rule", "title", "check", "container", "container_id", "engine"),
    *("expected", "declared", "enforced", "reason", "evidence", "remediation", "waiver_reason", "waiver_expires"),
    "audited_at",
)
# What makes a formula of a cell, in Western and full-width letters.
_BEGINS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_FORMULA = re.compile(rf"(^|[;|])(\s*[{re.escape(''.join(_BEGINS))}])")


class CsvReport:
    def __init__(self, file):
        self._rows = csv.writer(file)
        self._rows.writerow(COLUMNS)

    def add(self, name, entry):
        if entry["error"] is not None:
            self._rows.writerow([cell(text) for text in _lost_row(name, entry)])
        answer = answer_of(entry)
        if answer is not None:
            for finding in sorted(answer["findings"], key=rank):
                self._rows.writerow([cell(text) for text in _row(name, entry, finding)])

    def end(self):
        pass


def cell(value):
    """A text that no spreadsheet takes for a formula: such a one gets an apostrophe before it.

    A semicolon or a bar may be what a spreadsheet takes for the end of a cell.
    """
    safe = shown(value, 2 * MOST)
    # Few texts have what the pattern looks for, and a report of a fleet has millions.
    if ";" in safe or "|" in safe or safe.lstrip().startswith(_BEGINS):
        return _FORMULA.sub(r"\1'\2", safe)
    return safe


def _lost_row(name, entry):
    """Of a host that could not be audited; findings of an earlier audit come after it."""
    told = {"host": name, "status": "lost", "reason": entry["error"], "audited_at": entry["audited_at"]}
    return [told.get(column) for column in COLUMNS]


def _row(name, entry, finding):
    waiver = finding["waiver"] or {"reason": None, "expires": None}
    return (
        *(name, finding["severity"], finding["status"], finding["change"], finding["rule"], finding["title"]),
        *(finding["check"], finding["container"], finding["container_id"], finding["engine"]),
        *(finding["expected"], finding["declared"], finding["enforced"], finding["reason"]),
        *(shown_evidence(finding["evidence"]), finding["remediation"], waiver["reason"], waiver["expires"]),
        entry["audited_at"],
    )
