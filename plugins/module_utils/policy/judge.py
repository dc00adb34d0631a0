# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules, waivers and records in, findings out. Pure.

A check gives one verdict for each container that its rule is about. What can't be told is ``unknown``, which no waiver
and nothing else makes a pass of.
"""

from __future__ import annotations

import hashlib
import json
from typing import Dict, List, NamedTuple, Optional

from .checks import checks_of
from .match import fits, may_fit, resolve
from .schema import SEVERITIES
from .verdict import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, names, unasked

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
    containers: List[dict]
    waivers: List[dict]
    unmatched: List[str]


def judge(rules, waivers, records, host, today, include_passed=False):
    """``records`` and ``host`` as containers/audit_facts.py gathers them; ``today`` a date.

    ``containers`` of the answer: what was found of each record, in their order.
    """
    subjects = [_subject(record) for record in records]
    borrowed = _borrowed(records)
    grounds = [_Grounds(waiver, subjects, borrowed, rules, today) for waiver in waivers]
    findings, rows, unmatched = [], [], []
    found = [{"worst": None, FAIL: 0, WAIVED: 0, UNKNOWN: 0} for _record in records]
    for rule in rules:
        about = _about(rule, records, subjects, host)
        if not about:
            unmatched.append(rule.name)
        row = _row(rule, about, len(records))
        rows.append(row)
        checks = checks_of(rule)
        for place, reason in about.items():
            record = records[place]
            for name, check, values, wanted in checks:
                verdict = check.judge(wanted, record, host, *(values.get(key) for key in check.additions))
                if reason is not None:
                    verdict = verdict._replace(status=UNKNOWN)
                ground = _ground(rule, place, grounds) if verdict.status == FAIL else None
                status = WAIVED if ground else verdict.status
                row[status] += 1
                if status in _FOUND:
                    _count(found[place], rule.severity, status)
                if status in _FOUND or (include_passed and status == PASS):
                    findings.append(_finding(rule, name, record, verdict, status, ground, reason))
    findings.sort(key=_order)
    return Judgement(_summary(records, rows, findings), findings, found, [one.told() for one in grounds], unmatched)


class _Grounds:
    """A waiver, the containers here that it is for, and how many findings it has waived."""

    def __init__(self, waiver, subjects, borrowed, rules, today):
        match, _missing = resolve({"containers": waiver.containers}, subjects)
        self.waiver = waiver
        self.places = {place for place, one in enumerate(subjects) if place not in borrowed and fits(match, one)}
        self.known = any(rule.name == waiver.rule for rule in rules)
        self.expired = waiver.expires < today
        self.findings = 0

    def waives(self, rule, place):
        return not self.expired and rule.name == self.waiver.rule and place in self.places

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


def _about(rule, records, subjects, host):
    """{place in ``records``: None, or why it is not known whether the rule is about this one}."""
    match, _missing = resolve(rule.match, subjects)
    about = {}
    for place, (record, subject) in enumerate(zip(records, subjects)):
        if fits(match, subject):
            about[place] = None
            continue
        silent = unasked(record, host)
        if silent and may_fit(match, subject, _untold(record)):
            about[place] = f"whether the rule is about it is not known, since {names(silent)} can't be asked"
    return about


def _borrowed(records):
    """The places of those that bear another's id: what runs in a container can name a cgroup as it likes."""
    own = {record["id"] for record in records if not record.get("nested_in")}
    return {place for place, record in enumerate(records) if record.get("nested_in") and record["id"] in own}


def _untold(record):
    """What is not known of a container whose engine can't be asked. One on disk tells neither labels nor settings."""
    untold = {key for key in ("name", "image") if record.get(key) is None}
    if record.get("engine") in (None, "unknown"):
        untold.add("engine")
    return untold if record.get("labels") or record.get("declared") else untold | {"labels"}


def _subject(record):
    return Subject(
        record["id"],
        record.get("name"),
        record.get("engine") or "unknown",
        record.get("image"),
        record.get("labels") or {},
        record.get("state"),
    )


def _ground(rule, place, grounds):
    """The first waiver that holds for it, if any; it is counted there."""
    ground = next((one for one in grounds if one.waives(rule, place)), None)
    if ground is not None:
        ground.findings += 1
    return ground


def _finding(rule, name, record, verdict, status, ground, reason):
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
        "reason": (reason or _why(record, verdict)) if status == UNKNOWN else None,
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


def _row(rule, about, records):
    return {
        "rule": rule.name,
        "title": rule.title,
        "severity": rule.severity,
        "pack": rule.pack,
        "containers": len(about),
        # Where it is about all, as rules of packs are, there is no need to say which.
        "about": None if len(about) == records else list(about),
        "fingerprint": _fingerprint(rule),
        **dict.fromkeys(STATUSES, 0),
    }


def _fingerprint(rule):
    """Of what it asks and of whom: two audits tell the same of a container only where these are the same."""
    asked = json.dumps([rule.match, rule.checks], sort_keys=True, default=str)
    return hashlib.sha256(asked.encode("utf-8", "backslashreplace")).hexdigest()[:12]


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
