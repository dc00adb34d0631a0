# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules, waivers and records in, findings out. Pure.

A check gives one verdict for each container that its rule is about. What can't be told is ``unknown``, which no waiver
and nothing else makes a pass of.
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional

from .checks import checks_of
from .match import fits, resolve
from .schema import SEVERITIES
from .verdict import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

WAIVED = "waived"
STATUSES = (PASS, FAIL, WAIVED, UNKNOWN, NOT_APPLICABLE)
_FOUND = (FAIL, WAIVED, UNKNOWN)
_MOST_REASONS = 3
_WORST_FIRST = {severity: rank for rank, severity in enumerate(reversed(SEVERITIES))}
_STATUS_ORDER = {FAIL: 0, UNKNOWN: 1, WAIVED: 2, PASS: 3}


class Subject(NamedTuple):
    """What a match asks of a container."""

    id: str
    name: Optional[str]
    engine: str
    image: Optional[str]
    labels: Dict[str, str]
    state: Optional[str]


class Judgement(NamedTuple):
    """The parts of the module's answer that come of judging; see its RETURN."""

    summary: dict
    findings: List[dict]
    containers: Dict[str, dict]
    waivers: List[dict]
    unmatched: List[str]


def judge(rules, waivers, records, host, today, include_passed=False):
    """``records`` and ``host`` as containers/audit_facts.py gathers them; ``today`` a date.

    ``containers`` of the answer: by id, what was found of each.
    """
    subjects = [_subject(record) for record in records]
    grounds = [_Grounds(waiver, subjects, rules, today) for waiver in waivers]
    findings, rows, unmatched = [], [], []
    found = {record["id"]: {"worst": None, FAIL: 0, WAIVED: 0, UNKNOWN: 0} for record in records}
    for rule in rules:
        match, _missing = resolve(rule.match, subjects)
        about = [record for record, subject in zip(records, subjects) if fits(match, subject)]
        if not about:
            unmatched.append(rule.name)
        row = _row(rule, len(about))
        rows.append(row)
        checks = checks_of(rule)
        for record in about:
            for name, check, values, wanted in checks:
                verdict = check.judge(wanted, record, host, *(values.get(key) for key in check.additions))
                ground = _ground(rule, record, grounds) if verdict.status == FAIL else None
                status = WAIVED if ground else verdict.status
                row[status] += 1
                if status in _FOUND:
                    _count(found[record["id"]], rule.severity, status)
                if status in _FOUND or (include_passed and status == PASS):
                    findings.append(_finding(rule, name, record, verdict, status, ground))
    findings.sort(key=_order)
    return Judgement(_summary(records, rows, findings), findings, found, [one.told() for one in grounds], unmatched)


class _Grounds:
    """A waiver, the containers here that it is for, and how many findings it has waived."""

    def __init__(self, waiver, subjects, rules, today):
        match, _missing = resolve({"containers": waiver.containers}, subjects)
        self.waiver = waiver
        self.ids = {one.id for one in subjects if fits(match, one)}
        self.known = any(rule.name == waiver.rule for rule in rules)
        self.expired = waiver.expires < today
        self.findings = 0

    def waives(self, rule, record):
        return not self.expired and rule.name == self.waiver.rule and record["id"] in self.ids

    def told(self):
        if not self.known:
            status = "unknown_rule"
        else:
            status = "expired" if self.expired else "used" if self.findings else "unused"
        waiver = self.waiver
        return {
            "rule": waiver.rule,
            "containers": waiver.containers,
            "reason": waiver.reason,
            "expires": waiver.expires.isoformat(),
            "status": status,
            "findings": self.findings,
        }


def _subject(record):
    return Subject(
        record["id"],
        record.get("name"),
        record.get("engine") or "unknown",
        record.get("image"),
        record.get("labels") or {},
        record.get("state"),
    )


def _ground(rule, record, grounds):
    """The first waiver that holds for it, if any; it is counted there."""
    ground = next((one for one in grounds if one.waives(rule, record)), None)
    if ground is not None:
        ground.findings += 1
    return ground


def _finding(rule, name, record, verdict, status, ground):
    return {
        "rule": rule.name,
        "title": rule.title,
        "severity": rule.severity,
        "check": name,
        "container": record.get("name") or record["id"],
        "container_id": record["id"],
        "engine": record.get("engine") or "unknown",
        "status": status,
        "expected": verdict.expected,
        "declared": verdict.declared,
        "enforced": verdict.enforced,
        "reason": _why(record, verdict) if status == UNKNOWN else None,
        "evidence": [{"path": path, "value": value} for path, value in verdict.evidence],
        "remediation": None if status in (PASS, UNKNOWN) else verdict.remedy,
        "waiver": ground and {"reason": ground.waiver.reason, "expires": ground.waiver.expires.isoformat()},
    }


def _why(record, verdict):
    if record.get("pid") is None and not record.get("unreadable"):
        return "it does not run, so the kernel holds nothing for it"
    unreadable = [(str(one.get("path")), one.get("reason")) for one in record.get("unreadable") or ()]
    read = [path.split(" ")[0] for path, _value in verdict.evidence]
    mine = [one for one in unreadable if one[0] in read]
    if verdict.reason is not None and not mine:
        return verdict.reason
    told = "; ".join(f"{path}: {reason}" for path, reason in (mine or unreadable)[:_MOST_REASONS])
    return told or "the kernel does not tell it"


def _count(found, severity, status):
    found[status] += 1
    if status == FAIL and _rank(severity) < _rank(found["worst"]):
        found["worst"] = severity


def _rank(severity):
    return _WORST_FIRST.get(severity, len(SEVERITIES))


def _order(finding):
    return (
        _STATUS_ORDER[finding["status"]],
        _rank(finding["severity"]),
        finding["rule"],
        finding["container"],
        finding["container_id"],
    )


def _row(rule, containers):
    return {
        "rule": rule.name,
        "title": rule.title,
        "severity": rule.severity,
        "pack": rule.pack,
        "containers": containers,
        **dict.fromkeys(STATUSES, 0),
    }


def _summary(records, rows, findings):
    by_severity = {severity: dict.fromkeys(_FOUND, 0) for severity in reversed(SEVERITIES)}
    for finding in findings:
        if finding["status"] in _FOUND:
            by_severity[finding["severity"]][finding["status"]] += 1
    return {
        "containers": len(records),
        "by_status": {status: sum(row[status] for row in rows) for status in STATUSES},
        "by_severity": by_severity,
        "rules": rows,
    }
