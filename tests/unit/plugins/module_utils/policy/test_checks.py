# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test-bench of a policy: each check on small records, where it holds, fails and can't be told."""

from __future__ import annotations

import datetime as dt

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.policy.checks import REGISTRY
from ansible_collections.fathom.containers.plugins.module_utils.policy.judge import judge
from ansible_collections.fathom.containers.plugins.module_utils.policy.schema import CHECKS, read_policy
from ansible_collections.fathom.containers.plugins.module_utils.policy.waivers import Waiver
from ansible_collections.fathom.containers.tests.unit.auditrecords import GIB, HOST, MIB, PATH, changed, record
from ansible_collections.fathom.containers.tests.unit.policycases import CASES, UNLIMITED, UNLISTED, Case

TODAY = dt.date(2026, 11, 24)
# What another check of its section says more about.
ADDITIONS = {"namespaces.allow_shared_with"}


def judged(case, waivers=(), name="rule"):
    section, check = case.check.split(".")
    rules = read_policy([{"name": name, section: {check: case.wanted, **(case.beside or {})}}])
    host = changed(HOST, case.host or {})
    return judge(rules, waivers, [record(**(case.changes or {}))], host, TODAY, include_passed=True)


def titles(cases):
    return [f"{number}-{case.check}-{case.status}" for number, case in enumerate(cases)]


@pytest.mark.parametrize("case", CASES, ids=titles(CASES))
def test_each_check(case):
    answer = judged(case)
    assert answer.summary["by_status"] == {
        status: int(status == case.status) for status in ("pass", "fail", "waived", "unknown", "not_applicable")
    }
    if case.status == "not_applicable":
        assert answer.findings == []
        return
    (finding,) = answer.findings
    assert (finding["check"], finding["status"]) == (case.check, case.status)
    if case.enforced is None:
        assert finding["enforced"] is None or case.status != "unknown"
    else:
        assert case.enforced in finding["enforced"]
    assert finding["expected"]
    assert bool(finding["reason"]) == (case.status == "unknown")
    assert (case.reason or "") in (finding["reason"] or "")
    assert bool(finding["remediation"]) == (case.status == "fail")
    texts = [finding[key] for key in ("expected", "declared", "enforced", "reason", "remediation")]
    assert all(text is None or isinstance(text, str) for text in texts)


def test_each_check_holds_fails_and_can_not_be_told():
    for section, checks in CHECKS.items():
        for check in checks:
            name = f"{section}.{check}"
            if name not in ADDITIONS:
                assert {case.status for case in CASES if case.check == name} >= {"pass", "fail", "unknown"}, name


def test_the_registry_is_the_schemas():
    registered = {f"{section}.{check}" for section, checks in REGISTRY.items() for check in checks}
    assert registered == {f"{section}.{check}" for section, checks in CHECKS.items() for check in checks} - ADDITIONS
    named = {addition for checks in REGISTRY.values() for check in checks.values() for addition in check.additions}
    assert {f"namespaces.{addition}" for addition in named} == ADDITIONS


@pytest.mark.parametrize("case", CASES, ids=titles(CASES))
def test_a_waiver_changes_what_fails_and_nothing_else(case):
    answer = judged(case, [Waiver("rule", ["*"], "it is known", TODAY)])
    status = "waived" if case.status == "fail" else case.status
    assert answer.summary["by_status"][status] == 1
    assert answer.waivers[0]["status"] == ("used" if case.status == "fail" else "unused")
    for finding in answer.findings:
        assert finding["waiver"] == (
            {"reason": "it is known", "expires": "2026-11-24"} if case.status == "fail" else None
        )


@pytest.mark.parametrize("check", sorted({case.check for case in CASES}))
def test_nothing_read_is_never_a_pass(check):
    """A container that nobody can look at, of which its engine tells nothing either."""
    known = ("id", "name", "engine", "labels", "namespaces")
    unreadable = [{"path": "/proc/7", "reason": "Permission denied"}]
    blind = {**dict.fromkeys(key for key in record() if key not in known), "pid": 7, "unreadable": unreadable}
    blind["namespaces"] = None
    case = next(case for case in CASES if case.check == check and case.status == "pass")
    (finding,) = judged(case._replace(changes=blind)).findings
    assert finding["status"] == "unknown"
    assert finding["reason"]


def test_evidence_names_the_kernels_files():
    directory = "/sys/fs/cgroup" + PATH
    expected = {
        "memory.limited": [(f"{directory}/memory.max", 256 * MIB)],
        "memory.swap": [(f"{directory}/memory.swap.max", 0)],
        "memory.reservation": [(f"{directory}/memory.low", 64 * MIB)],
        "memory.no_oom_kills": [(f"{directory}/memory.events", 0)],
        "cpu.max": [(f"{directory}/cpu.max", 50000), (f"{directory}/cpuset.cpus.effective", "0-3")],
        "cpu.prioritised": [(f"{directory}/cpu.weight", 50)],
        "pids.max": [(f"{directory}/pids.max", 64)],
        "namespaces.not_shared_with_host": [("/proc/7/ns/net", 4026532001)],
        "security.seccomp": [("/proc/7/status Seccomp", "filter")],
        "security.no_new_privileges": [("/proc/7/status NoNewPrivs", 1)],
        "security.user_mapped": [(f"/proc/7/{kind}_map", "0 is 100000 outside") for kind in ("uid", "gid")],
        "security.read_only_root": [("/proc/7/mountinfo /", "read-only")],
        "security.apparmor": [("/proc/7/attr/current", "docker-default")],
        "cgroup.default_parent": [("/proc/7/cgroup", PATH)],
    }
    seen = set()
    for case in CASES:
        if case.check in expected and case.status == "pass" and not case.changes and case.check not in seen:
            (finding,) = judged(case).findings
            assert [(one["path"], one["value"]) for one in finding["evidence"]] == expected[case.check]
            seen.add(case.check)
    assert seen == set(expected)


def test_evidence_of_cgroup_v1():
    old = {
        "memory": {"version": 1, **UNLIMITED},
        "cgroups": {"memory": {"version": 1, "directory": "/sys/fs/cgroup/memory/docker/1"}},
    }
    (finding,) = judged(Case("memory.limited", True, "fail", changes=old)).findings
    assert finding["evidence"] == [
        {"path": "/sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", "value": "unlimited"},
        {"path": "/proc/meminfo", "value": 8 * GIB},
    ]
    (finding,) = judged(Case("memory.swap", 0, "pass", changes=old)).findings
    assert finding["evidence"][0] == {
        "path": "/sys/fs/cgroup/memory/docker/1/memory.memsw.limit_in_bytes",
        "value": 256 * MIB,
    }


@pytest.mark.parametrize(
    ("case", "declared"),
    [
        (Case("memory.limited", True, "pass"), "256 MiB"),
        (Case("memory.limited", True, "pass", changes={"declared": {"memory_bytes": None}}), "no limit"),
        (Case("memory.limited", True, "pass", changes={"declared": None}), None),
        (Case("memory.swap", 0, "pass"), "no swap"),
        (Case("memory.swap", 0, "pass", changes={"declared": {"memory_swap_bytes": 512 * MIB}}), "256 MiB of swap"),
        (Case("memory.swap", 0, "pass", changes={"declared": {"memory_swap_bytes": -1}}), "no limit of swap"),
        (Case("pids.max", 64, "pass"), "64"),
        (Case("cpu.max", 1, "pass"), "0.5 CPUs"),
        (Case("namespaces.private", ["net", "mnt"], "pass"), "network_mode: bridge"),
        (Case("namespaces.private", ["mnt"], "pass"), None),
        (Case("namespaces.private", ["pid"], "pass"), "pid_mode: default"),
        (Case("namespaces.private", ["pid"], "pass", changes={"isolation": None}), None),
        (Case("security.not_privileged", True, "pass"), "privileged: false; cap_add: default"),
        (Case("security.capabilities", [], "fail"), "privileged: false; cap_add: default; cap_drop: ALL"),
        (Case("security.read_only_root", True, "pass"), "read_only_root: true"),
        (Case("security.forbidden_mounts", ["/etc"], "pass"), "mounts: none"),
        (
            Case(
                "security.private_mounts",
                True,
                "pass",
                changes={"isolation": {"mounts": [{"source": "/srv", "destination": "/d", "propagation": "shared"}]}},
            ),
            "mounts: /srv shared",
        ),
        (Case("engine.known", True, "pass"), "docker lists it"),
        (Case("engine.known", True, "fail", changes=UNLISTED), "no engine lists it"),
        (Case("image.allowed", ["x"], "fail"), "goweb:1"),
    ],
)
def test_what_the_engine_says_stands_beside(case, declared):
    (finding,) = judged(case).findings
    assert finding["declared"] == declared
