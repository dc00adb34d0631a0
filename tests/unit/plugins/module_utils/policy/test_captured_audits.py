# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both packs over whole hosts as their kernels showed them, in fixtures/: what fails, by the figures of the facts."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.audit_facts import gather_audit_facts
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroup_facts import gather_cgroup_facts
from ansible_collections.fathom.containers.plugins.module_utils.containers.namespace_facts import gather_namespace_facts
from ansible_collections.fathom.containers.plugins.module_utils.kernel.visit import Answer
from ansible_collections.fathom.containers.plugins.module_utils.policy.checks import forbidden_paths, needed_subsets
from ansible_collections.fathom.containers.plugins.module_utils.policy.judge import judge
from ansible_collections.fathom.containers.plugins.module_utils.policy.packs import PACKS, with_packs
from ansible_collections.fathom.containers.tests.unit import trees

NAMES = sorted(path.stem for path in trees.FIXTURES.glob("*.tree"))
TODAY = dt.date(2026, 11, 24)
CIS = "cis_docker_1_6/"
UNJUDGED = {
    *("usage_usec", "periods", "throttled_periods", "throttled_usec", "current", "limit_hits"),
    *("pressure", "peak_bytes", "swap_usage_bytes", "zswap_usage_bytes"),
}


class Host:
    """An unpacked host, what was known of it, and the verdicts of both packs by rule and kind of container."""

    def __init__(self, name, root):
        root = trees.unpack(name, root)
        known = json.loads((trees.FIXTURES / (name + ".json")).read_text(encoding="utf-8"))["containers"]
        self.kinds = {row["id"]: row["kind"] for row in known}
        rules, _not_judged = with_packs([], PACKS)
        self.facts, self.warnings = gather_audit_facts(
            [], subsets={*needed_subsets(rules), "user_map"}, paths=forbidden_paths(rules), root=root
        )
        self.cgroups, _warnings = gather_cgroup_facts([], root=root)
        self.namespaces, _warnings = gather_namespace_facts(
            [], gather_subset=["all"], root=root, visit=lambda places: [Answer(error="a file") for _place in places]
        )
        self.judged = judge(rules, [], self.facts["containers"], self.facts["host"], TODAY, include_passed=True)

    def statuses(self, rule):
        """{kind: status} for a rule of one check."""
        return {
            self.kinds[one["container_id"]]: one["status"]
            for one in self.judged.findings
            if one["rule"] == rule and one["container_id"] in self.kinds
        }

    def records(self):
        """{kind: what the facts modules tell}."""
        others = {one["id"]: one for one in self.namespaces["containers"]}
        return {
            self.kinds[one["id"]]: {**others[one["id"]], **one}
            for one in self.cgroups["containers"]
            if one["id"] in self.kinds
        }


@pytest.fixture(scope="module", params=NAMES)
def host(request, tmp_path_factory):
    return Host(request.param, tmp_path_factory.mktemp(request.param))


def test_one_gathering_tells_what_both_facts_modules_tell(host):
    assert host.warnings == []
    records = {one["id"]: one for one in host.facts["containers"]}
    both = host.cgroups["containers"] + host.namespaces["containers"]
    assert len(both) == 2 * len(records)
    # What is not gathered, or is more, or less, than what facts modules tell.
    not_the_same = ("hostname", "interfaces", "listening", "processes", "mounts", "unreadable", "declared")
    for one in both:
        for key, value in one.items():
            if not key.startswith(not_the_same):
                assert judged(records[one["id"]][key]) == judged(value), key
    assert host.facts["shared"] == host.namespaces["shared"]
    for key in ("mode", "memory_total_bytes", "kernel", "page_size_bytes"):
        assert host.facts["host"][key] == host.cgroups["host"][key]


def judged(part):
    """What no rule is about is not read."""
    return {key: value for key, value in part.items() if key not in UNJUDGED} if isinstance(part, dict) else part


def test_what_no_rule_is_about_is_not_read(host):
    # These two stand in files that are read for others.
    not_read = UNJUDGED - {"swap_usage_bytes", "limit_hits"}
    for one in host.facts["containers"]:
        for part in filter(None, (one["memory"], one["cpu"], one["pids"])):
            assert {part[key] for key in not_read & part.keys()} <= {None}


def test_cgroups_are_those_that_the_figures_were_read_from(host):
    for one in host.facts["containers"]:
        for place in one["cgroups"].values():
            assert place["version"] in (1, 2)
            assert place["directory"].startswith("/sys/fs/cgroup/")
        assert one["cgroups"]["memory"]["directory"].endswith(one["memory"]["path"])


def test_memory_limits(host):
    expected = {
        kind: "fail" if one["memory"]["effective_limit_source"] == "host" else "pass"
        for kind, one in host.records().items()
    }
    assert host.statuses(CIS + "5.11") == host.statuses("baseline/memory-limit") == expected
    assert "fail" in expected.values()
    assert "pass" in expected.values()


def test_pids_limits_and_cpu_shares(host):
    records = host.records()
    states = {kind: one["pids"]["limit_state"] for kind, one in records.items()}
    assert host.statuses(CIS + "5.29") == {
        kind: {"limited": "pass", "unlimited": "fail"}[state] for kind, state in states.items()
    }
    shares = {kind: (one["cpu"]["shares"], one["cpu"]["weight"]) for kind, one in records.items()}
    assert host.statuses(CIS + "5.12") == {
        kind: "fail" if share in ((1024, None), (None, 100)) else "pass" for kind, share in shares.items()
    }


@pytest.mark.parametrize(
    ("item", "kind"), [("5.10", "net"), ("5.16", "pid"), ("5.17", "ipc"), ("5.21", "uts"), ("5.31", "user")]
)
def test_namespaces_of_the_host(host, item, kind):
    expected = {
        name: "fail" if one["namespaces"][kind]["shared_with_host"] else "pass" for name, one in host.records().items()
    }
    assert host.statuses(CIS + item) == expected


def test_namespaces_of_other_containers(host):
    expected = {
        name: "fail"
        if any(one["namespaces"][kind]["shared_with"] for kind in ("pid", "net", "ipc", "mnt", "uts"))
        else "pass"
        for name, one in host.records().items()
    }
    assert host.statuses("baseline/other-containers") == expected
    assert list(expected.values()).count("fail") >= 2


def test_security(host):
    records = host.records()
    for item, holds in (
        ("5.13", lambda one: one["root_mount"]["read_only"]),
        ("5.22", lambda one: one["security"]["seccomp"] == "filter"),
        ("5.26", lambda one: one["security"]["no_new_privileges"]),
        ("5.4", lambda one: "CAP_SYS_ADMIN" not in one["security"]["capabilities_bounding"]),
    ):
        assert host.statuses(CIS + item) == {kind: "pass" if holds(one) else "fail" for kind, one in records.items()}


def test_nobody_mounts_a_part_of_the_host(host):
    for rule in (CIS + "5.6", CIS + "5.32", CIS + "5.20", "baseline/engine-socket"):
        assert set(host.statuses(rule).values()) == {"pass"}


def test_what_no_engine_was_asked_for_is_unknown(host):
    for one in host.judged.findings:
        if one["check"] == "drift.none":
            assert (one["status"], one["reason"]) == ("unknown", "no engine tells what it declared for it")
        assert one["declared"] is None or one["check"] in ("drift.none_after_reload", "engine.known")
    assert set(host.statuses("baseline/unknown").values()) <= {"fail", "unknown"}


def test_each_verdict_has_evidence_or_says_why_not(host):
    for one in host.judged.findings:
        assert one["expected"]
        if one["status"] == "fail":
            assert one["remediation"]
            assert one["evidence"]
            assert all(row["path"] and row["value"] is not None for row in one["evidence"]), one
        if one["status"] == "unknown":
            assert one["reason"]
