# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers import cgroup_facts, namespace_facts
from ansible_collections.fathom.containers.plugins.module_utils.policy.checks import forbidden_paths, needed_subsets
from ansible_collections.fathom.containers.plugins.module_utils.policy.judge import judge
from ansible_collections.fathom.containers.plugins.module_utils.policy.packs import PACKS, with_packs
from ansible_collections.fathom.containers.plugins.module_utils.policy.schema import CHECKS, SEVERITIES, read_policy
from ansible_collections.fathom.containers.plugins.module_utils.policy.waivers import Waiver
from ansible_collections.fathom.containers.tests.unit.auditrecords import HOST, RECORD, record
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B, C
from ansible_collections.fathom.containers.tests.unit.policycases import CASES, UNLIMITED
from hypothesis import given
from hypothesis import strategies as st

TODAY = dt.date(2026, 11, 24)
TOMORROW = TODAY + dt.timedelta(days=1)
YESTERDAY = TODAY - dt.timedelta(days=1)
WEB = record()
DB = record(id=B, name="db", labels={"tier": "db"}, memory=UNLIMITED)
NAMELESS = {**record(id=C, name=None, engine="unknown", engine_known=False, image=None, memory=None), "labels": {}}
RECORDS = [WEB, DB, NAMELESS]

LIMIT = {"name": "limit", "severity": "high", "memory": {"limited": True}}
PIDS = {"name": "pids", "severity": "critical", "match": {"labels": {"tier": "*"}}, "pids": {"max": 10}}


def judged(policy, waivers=(), records=None, **options):
    return judge(read_policy(policy), waivers, RECORDS if records is None else records, HOST, TODAY, **options)


def found(answer):
    return [(one["rule"], one["container"], one["status"]) for one in answer.findings]


def test_the_worst_that_fails_comes_first():
    answer = judged([LIMIT, PIDS, {"name": "a", "severity": "low", "pids": {"max": 1}}])
    assert found(answer) == [
        ("pids", "db", "fail"),
        ("pids", "web", "fail"),
        ("limit", "db", "fail"),
        ("a", C, "fail"),
        ("a", "db", "fail"),
        ("a", "web", "fail"),
        ("limit", C, "unknown"),
    ]
    assert answer.unmatched == []


def test_what_passes_is_counted_and_told_when_asked_for():
    answer = judged([LIMIT], include_passed=True)
    assert found(answer) == [("limit", "db", "fail"), ("limit", C, "unknown"), ("limit", "web", "pass")]
    assert judged([LIMIT]).summary == answer.summary
    assert answer.summary == {
        "containers": 3,
        "by_status": {"pass": 1, "fail": 1, "waived": 0, "unknown": 1, "not_applicable": 0},
        "by_severity": {
            "critical": {"fail": 0, "waived": 0, "unknown": 0},
            "high": {"fail": 1, "waived": 0, "unknown": 1},
            "medium": {"fail": 0, "waived": 0, "unknown": 0},
            "low": {"fail": 0, "waived": 0, "unknown": 0},
        },
        "rules": [
            {
                "rule": "limit",
                "title": "limit",
                "severity": "high",
                "pack": None,
                "containers": 3,
                "about": None,
                "fingerprint": answer.summary["rules"][0]["fingerprint"],
                "pass": 1,
                "fail": 1,
                "waived": 0,
                "unknown": 1,
                "not_applicable": 0,
            }
        ],
    }
    assert answer.containers == [
        {"worst": None, "fail": 0, "waived": 0, "unknown": 0},
        {"worst": "high", "fail": 1, "waived": 0, "unknown": 0},
        {"worst": None, "fail": 0, "waived": 0, "unknown": 1},
    ]


def test_a_finding_tells_all_of_it():
    (finding,) = [one for one in judged([dict(LIMIT, title="Memory")]).findings if one["status"] == "fail"]
    assert {key: finding[key] for key in ("rule", "title", "severity", "check", "container", "container_id")} == {
        "rule": "limit",
        "title": "Memory",
        "severity": "high",
        "check": "memory.limited",
        "container": "db",
        "container_id": B,
    }
    assert list(finding)[6:] == [
        *("engine", "status", "expected", "declared", "enforced", "reason", "evidence", "remediation", "waiver")
    ]


def test_rules_are_about_those_that_match():
    answer = judged(
        [
            {"name": "by name", "match": {"containers": ["db"]}, "drift": "none"},
            {"name": "by id", "match": {"containers": [C[:12]]}, "drift": "none"},
            {"name": "by label", "match": {"labels": {"tier": "*"}}, "drift": "none"},
            {"name": "by engine", "match": {"engines": ["podman"]}, "drift": "none"},
            {"name": "by another name", "match": {"containers": ["dbx", "x-*"]}, "drift": "none"},
        ]
    )
    assert [(row["rule"], row["containers"]) for row in answer.summary["rules"]] == [
        ("by name", 1),
        ("by id", 1),
        ("by label", 2),
        ("by engine", 0),
        ("by another name", 0),
    ]
    assert answer.unmatched == ["by engine", "by another name"]


def test_a_host_without_containers():
    answer = judged([LIMIT], records=[])
    assert (answer.findings, answer.containers, answer.unmatched) == ([], [], ["limit"])
    assert answer.summary["containers"] == 0


def statuses(answer):
    return [(one["status"], one["findings"]) for one in answer.waivers]


def test_waivers():
    waiver = Waiver("limit", ["d*"], "soon", TODAY)
    answer = judged([LIMIT, PIDS], [waiver])
    assert found(answer)[-1] == ("limit", "db", "waived")
    assert answer.findings[-1]["waiver"] == {"reason": "soon", "expires": "2026-11-24"}
    assert answer.containers[RECORDS.index(DB)] == {"worst": "critical", "fail": 1, "waived": 1, "unknown": 0}
    assert answer.summary["by_severity"]["high"] == {"fail": 0, "waived": 1, "unknown": 1}
    assert answer.waivers == [
        {
            "rule": "limit",
            "containers": ["d*"],
            "reason": "soon",
            "expires": "2026-11-24",
            "status": "used",
            "findings": 1,
        }
    ]


def test_a_waiver_that_has_expired_is_none():
    answer = judged([LIMIT], [Waiver("limit", ["*"], "was", YESTERDAY)])
    assert ("limit", "db", "fail") in found(answer)
    assert statuses(answer) == [("expired", 0)]
    answer = judged([LIMIT], [Waiver("limit", ["*"], "was", YESTERDAY), Waiver("limit", ["*"], "is", TOMORROW)])
    assert ("limit", "db", "waived") in found(answer)
    assert statuses(answer) == [("expired", 0), ("used", 1)]


def test_waivers_that_waive_nothing():
    answer = judged(
        [LIMIT],
        [
            Waiver("limit", ["web"], "it passes", TOMORROW),
            Waiver("limit", ["nobody"], "it is elsewhere", TOMORROW),
            Waiver("limti", ["*"], "a typo", TOMORROW),
            Waiver("limti", ["*"], "a typo, and too old", YESTERDAY),
            Waiver("limit", [C], "it is unknown", TOMORROW),
        ],
    )
    assert statuses(answer) == [("unused", 0), ("unused", 0), ("unknown_rule", 0), ("unknown_rule", 0), ("unused", 0)]
    assert ("limit", C, "unknown") in found(answer)


def test_the_first_waiver_that_holds_counts():
    answer = judged([LIMIT], [Waiver("limit", ["*"], "first", TODAY), Waiver("limit", ["db"], "second", TODAY)])
    assert [one["waiver"] for one in answer.findings if one["waiver"]] == [{"reason": "first", "expires": "2026-11-24"}]
    assert statuses(answer) == [("used", 1), ("unused", 0)]


def test_one_that_does_not_run_is_unknown():
    stopped = dict.fromkeys(key for key in RECORD if key not in ("id", "name", "engine", "labels"))
    record_of_it = {**RECORD, **stopped, "unreadable": [], "state": "exited", "systemd": None}
    answer = judged([LIMIT], records=[record_of_it])
    (finding,) = answer.findings
    assert (finding["status"], finding["reason"]) == ("unknown", "it does not run, so the kernel holds nothing for it")


def test_why_it_is_unknown():
    path = "/proc/7/ns/net"
    unreadable = [{"path": "/proc/7/root", "reason": "EACCES"}, {"path": path, "reason": "Permission denied"}]
    lost = record(namespaces={"net": {"inode": None, "shared_with_host": None, "shared_with": None}}, cpu=None)
    lost["unreadable"] = unreadable
    policy = [
        {"name": "net", "namespaces": {"private": ["net"]}},
        {"name": "cpu", "cpu": {"limited": True}},
        {"name": "weight", "cpu": {"prioritised": True}},
    ]
    by_rule = {one["rule"]: one["reason"] for one in judged(policy, records=[lost]).findings}
    assert by_rule["net"] == "/proc/7/ns/net: Permission denied"
    assert by_rule["cpu"] == "/proc/7/root: EACCES; /proc/7/ns/net: Permission denied"
    lost["unreadable"] = []
    by_rule = {one["rule"]: one["reason"] for one in judged(policy, records=[lost]).findings}
    assert by_rule["weight"] == "the kernel does not tell it"


def test_every_subset_that_is_needed_can_be_gathered():
    rules, _not_judged = with_packs([], PACKS)
    needed = needed_subsets(rules)
    assert needed <= {*cgroup_facts.SUBSETS, *namespace_facts.SUBSETS}
    assert needed_subsets(read_policy([LIMIT])) == {"memory"}
    assert needed_subsets(read_policy([{"name": "x", "engine": {"known": True}}])) == set()
    assert "/var/run/docker.sock" in forbidden_paths(rules)
    assert forbidden_paths(read_policy([LIMIT])) == []


# A record of which anything may be missing or null, and a host likewise.
def lossy(value):
    if isinstance(value, dict):
        whole = st.fixed_dictionaries({}, optional={key: lossy(one) for key, one in value.items()})
        return st.just(value) | whole | st.none()
    if isinstance(value, list):
        return st.just(value) | st.none() | st.just([])
    return st.just(value) | st.none()


lossy_records = st.sampled_from(RECORDS).flatmap(lossy).map(lambda lost: {**(lost or {}), "id": A})
lossy_hosts = lossy(HOST).filter(lambda host: host is not None)
some_cases = st.lists(st.sampled_from(CASES), min_size=1, max_size=6)


def as_policy(cases):
    rules = []
    for number, case in enumerate(cases):
        section, check = case.check.split(".")
        rules.append({"name": str(number), section: {check: case.wanted, **(case.beside or {})}})
    return rules


@given(some_cases, lossy_records, lossy_hosts)
def test_whatever_is_lost_gives_no_traceback(cases, one, host):
    rules = read_policy(as_policy(cases))
    answer = judge(rules, [Waiver("0", ["*"], "x", TODAY)], [one], host, TODAY, include_passed=True)
    assert sum(answer.summary["by_status"].values()) == len(cases)
    for finding in answer.findings:
        assert finding["severity"] in SEVERITIES
        assert bool(finding["reason"]) == (finding["status"] == "unknown")
        section, check = finding["check"].split(".")
        assert check in CHECKS[section]


# Where each check looks for what it says: without it, nothing passes.
SOURCES = {
    "memory": ["memory"],
    "cpu": ["cpu"],
    "pids": ["pids"],
    "namespaces": ["namespaces"],
    "security": ["security", "user_map", "root_mount", "mounts"],
    "cgroup": ["memory"],
    "drift": ["drift", "reload_drift", "memory", "systemd"],
    "engine": ["engine_known"],
    "image": ["image"],
}


@given(st.sampled_from(CASES), lossy_records, lossy_hosts)
def test_unknown_never_passes(case, one, host):
    one = {**one, **dict.fromkeys(SOURCES[case.check.split(".")[0]])}
    answer = judge(read_policy(as_policy([case])), [Waiver("0", ["*"], "x", TODAY)], [one], host, TODAY)
    assert answer.summary["by_status"]["pass"] == 0
    assert answer.summary["by_status"]["waived"] == 0


@given(st.sampled_from(CASES), st.sampled_from(sorted(RECORD)))
def test_losing_a_part_never_makes_a_pass_of_what_fails(case, key):
    def status(one):
        answer = judge(read_policy(as_policy([case])), [], [one], {**HOST, **(case.host or {})}, TODAY)
        return next(name for name, count in answer.summary["by_status"].items() if count)

    whole = record(**(case.changes or {}))
    if status(whole) in ("fail", "unknown") and key not in ("id", "labels"):
        assert status({**whole, key: None}) != "pass"


DOWN = dict(HOST, engines=[{"name": "docker", "reachable": False, "error": "no such file"}])
UNNAMED = {
    **record(id=B, name=None, engine_known=False, image=None, declared=None, isolation=None, memory=UNLIMITED),
    "labels": {},
}


def status_of(match, one, host):
    rule = {"name": "limit", "match": match, "memory": {"limited": True}}
    answer = judge(read_policy([rule]), [], [one], host, TODAY, include_passed=True)
    return [(one["status"], one["reason"]) for one in answer.findings]


@pytest.mark.parametrize(
    "match",
    [
        {"containers": ["db"]},
        {"containers": ["d*"]},
        {"images": ["postgres:*"]},
        {"labels": {"tier": "db"}},
        {"compose_projects": ["shop"]},
        {"containers": ["d*"], "engines": ["docker"]},
    ],
)
def test_whom_a_rule_is_about_is_not_known_where_the_engine_can_not_be_asked(match):
    reason = "whether the rule is about it is not known, since docker can't be asked"
    assert status_of(match, UNNAMED, DOWN) == [("unknown", reason)]
    assert status_of(match, dict(UNNAMED, engine="unknown"), DOWN) == [("unknown", reason)]
    # Its engine answers, and does not know it; or it is another's, that nobody asks.
    assert status_of(match, UNNAMED, HOST) == []
    assert status_of(match, dict(UNNAMED, engine="containerd"), DOWN) == []


@pytest.mark.parametrize("match", [{"engines": ["podman"]}, {"containers": ["d*"], "states": ["exited"]}])
def test_what_the_kernel_knows_decides_without_the_engine(match):
    assert status_of(match, UNNAMED, DOWN) == []
    assert status_of({"states": ["running"]}, UNNAMED, DOWN)[0][0] == "fail"


def test_a_container_whose_name_is_on_disk_fits_by_it_alone():
    stored = dict(UNNAMED, name="db", image="postgres:16", engine="podman")
    down = dict(HOST, engines=[{"name": "podman", "reachable": False, "error": "no such file"}])
    assert status_of({"containers": ["d*"], "images": ["postgres:*"]}, stored, down)[0][0] == "fail"
    assert status_of({"containers": ["web"]}, stored, down) == []
    assert status_of({"labels": {"tier": "db"}}, stored, down)[0][0] == "unknown"


def test_a_cgroup_that_bears_anothers_id_is_not_waived_with_it():
    fake = dict(UNNAMED, id=A, nested_in=B)
    waiver = Waiver("limit", ["web"], "because", TOMORROW)
    answer = judged([LIMIT], [waiver], [record(memory=UNLIMITED), fake])
    assert [one["status"] for one in answer.findings] == ["fail", "waived"]
    assert [(one["fail"], one["waived"]) for one in answer.containers] == [(0, 1), (1, 0)]
    # By a waiver of its own, a nested one is.
    assert judged([LIMIT], [waiver._replace(containers=["*"])], [dict(fake, id=C)]).findings[0]["status"] == "waived"


def test_a_rule_tells_whom_it_is_about_and_whether_it_is_the_same_rule():
    def rows(*policy):
        return judged(list(policy)).summary["rules"]

    everyone, some = rows(LIMIT, dict(LIMIT, name="some", match={"containers": ["db"]}))
    assert (everyone["about"], some["about"]) == (None, [RECORDS.index(DB)])
    assert everyone["fingerprint"] == rows(dict(LIMIT, title="other", severity="low"))[0]["fingerprint"]
    for other in ({"memory": {"limited": False}}, {"match": {"engines": ["docker"]}}):
        assert rows({**LIMIT, **other})[0]["fingerprint"] != everyone["fingerprint"]
