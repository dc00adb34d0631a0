# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import functools
import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.fathom.containers.plugins.module_utils import audit as audit_module
from ansible_collections.fathom.containers.plugins.module_utils.kernel.namespaces import TYPES
from ansible_collections.fathom.containers.plugins.module_utils.policy.packs import load_packs
from ansible_collections.fathom.containers.plugins.modules import container_audit
from ansible_collections.fathom.containers.tests.unit.fake_engine import docker, engine, inspected
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B, unified_host, v2_container

MIB = 1 << 20
LIMIT = {"name": "limit", "severity": "high", "memory": {"max": "64MiB"}}
PRIVATE = {"name": "private", "namespaces": {"private": ["net"]}}


@pytest.fixture
def tree(tmp_path):
    """A host with the containers web (7), with a limit, and db (8), in web's network."""
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7, {"memory.max": 64 * MIB})
    v2_container(tree, f"/docker/{B}", 8)
    for pid, inodes in ((1, dict.fromkeys(TYPES, 100)), (7, {"net": 200}), (8, {"net": 200, "uts": 300})):
        for kind, inode in {**dict.fromkeys(TYPES, 100 + pid), **inodes}.items():
            tree.link(f"/proc/{pid}/ns/{kind}", f"{kind}:[{inode}]")
    return tree


@pytest.fixture
def run_module(tree, monkeypatch, capsys):
    """Runs the module as Ansible does, on a host of files: (how it ended, what it printed)."""
    monkeypatch.setattr(container_audit, "audit", functools.partial(audit_module.audit, root=tree.root))

    def run(**args):
        db = inspected(B, "db", pid=8, NetworkMode="container:" + A)
        with engine(docker(inspected(A, "web", pid=7, Memory=64 * MIB), db)) as fake:
            args = {"docker_socket": fake.path, "podman_socket": "/nowhere", **args}
            with patch_module_args(args), pytest.raises(SystemExit) as ended:
                container_audit.main()
        return ended.value.code, json.loads(capsys.readouterr().out)

    return run


def test_a_policy(run_module):
    code, result = run_module(policy=[LIMIT, PRIVATE])
    assert code == 0
    assert not result.get("changed")
    assert [(one["rule"], one["container"], one["status"]) for one in result["findings"]] == [
        ("limit", "db", "fail"),
        ("private", "db", "fail"),
        ("private", "web", "fail"),
    ]
    assert result["findings"][1]["declared"] == f"network_mode: container:{A}"
    assert result["findings"][1]["enforced"] == "net shared with web"
    assert result["summary"]["containers"] == 2
    assert (result["packs"], result["not_judged"], result["unmatched"], result["waivers"]) == ([], [], [], [])
    web, db = sorted(result["containers"], key=lambda row: row["pid"])
    assert (web["name"], web["limit_bytes"], web["worst"], web["fail"]) == ("web", 64 * MIB, "medium", 1)
    assert (web["effective_limit_source"], db["effective_limit_source"]) == (f"/docker/{A}", "host")
    assert (web["shared"], db["shared"]) == ({"net": ["db"]}, {"net": ["web"]})
    assert (db["worst"], db["fail"]) == ("high", 2)
    assert [(one["type"], one["containers"]) for one in result["shared"]] == [("net", ["db", "web"])]
    assert result["host"]["mode"] == "unified"
    assert set(result["host"]) >= {
        "memory_total_bytes",
        "engines",
        "vanished",
        "unreadable",
        "cpus",
        "security_modules",
    }


def test_check_mode_gives_the_same(run_module):
    results = [run_module(policy=[LIMIT, PRIVATE], _ansible_check_mode=check)[1] for check in (True, False)]
    for result in results:
        result["host"].pop("engines")
        result.pop("invocation")
    assert results[0] == results[1]


def test_neither_a_policy_nor_packs_is_the_baseline(run_module):
    _code, result = run_module()
    assert result["packs"] == ["baseline"]
    assert [row["rule"] for row in result["summary"]["rules"]] == [rule.name for rule in load_packs(["baseline"])[0]]
    _code, result = run_module(policy=[LIMIT])
    assert (result["packs"], len(result["summary"]["rules"])) == ([], 1)
    _code, result = run_module(policy=[LIMIT], packs=["cis_docker_1_6"])
    assert result["packs"] == ["cis_docker_1_6"]
    assert result["summary"]["rules"][0]["rule"] == "limit"
    assert {row["pack"] for row in result["not_judged"]} == {"cis_docker_1_6"}


def test_what_passes_on_demand(run_module):
    _code, result = run_module(policy=[LIMIT], include_passed=True)
    assert [(one["container"], one["status"]) for one in result["findings"]] == [("db", "fail"), ("web", "pass")]


def test_one_container_and_who_shares_with_it(run_module):
    _code, result = run_module(policy=[PRIVATE], containers=["web"])
    (finding,) = result["findings"]
    assert (finding["container"], finding["enforced"]) == ("web", "net shared with db")
    assert result["summary"]["containers"] == 1


def waiver(**more):
    return {"rule": "limit", "containers": ["d*"], "reason": "it is known", "expires": "2999-12-31", **more}


def test_waivers(run_module):
    _code, result = run_module(policy=[LIMIT], waivers=[waiver()])
    (finding,) = result["findings"]
    assert (finding["status"], finding["waiver"]) == ("waived", {"reason": "it is known", "expires": "2999-12-31"})
    assert [(one["status"], one["findings"]) for one in result["waivers"]] == [("used", 1)]


@pytest.fixture
def warned(monkeypatch, run_module):
    """Runs the module for the warnings that it gives."""

    def run(**args):
        warnings = []
        monkeypatch.setattr(container_audit.AnsibleModule, "warn", lambda _self, text, **_more: warnings.append(text))
        code, _result = run_module(**args)
        assert code == 0
        return warnings

    return run


def test_warnings(warned):
    elsewhere = {"name": "else", "match": {"containers": ["nope"]}, "drift": "none"}
    waivers = [
        waiver(rule="limti"),
        waiver(expires="2000-01-01"),
        waiver(containers=["web"]),
    ]
    always = [
        "the waiver of the rule 'limti' for 'd*' is for none that is judged: no rule has that name",
        "the waiver of the rule 'limit' for 'd*' has expired on 2000-01-01, and is none any more",
    ]
    on_demand = [
        "the waiver of the rule 'limit' for 'web' waives nothing here",
        "the rule 'else' is about no container here",
    ]
    texts = [text.partition(" (today")[0] for text in warned(policy=[LIMIT, elsewhere], waivers=waivers)]
    assert texts == always + on_demand
    ignored = warned(policy=[LIMIT, elsewhere], waivers=waivers, on_unmatched="ignore")
    assert [text.partition(" (today")[0] for text in ignored] == always
    assert warned(policy=[LIMIT], packs=["baseline"]) == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"policy": []}, "policy is an empty list"),
        ({"packs": []}, "packs is an empty list"),
        ({"policy": ["x"]}, "rule 1 is 'x', expected a dictionary with some of name, title, severity, match, memory"),
        ({"policy": [{"name": "web", "memroy": {}}]}, "rule 'web' has the unknown key 'memroy'; near it: memory"),
        ({"policy": [LIMIT, LIMIT]}, "the policy has two rules of the name 'limit'"),
        ({"policy": [{**LIMIT, "name": "baseline/drift"}], "packs": ["baseline"]}, "a rule of the pack baseline"),
        ({"packs": ["cis"]}, "value of packs must be one or more of: baseline, cis_docker_1_6"),
        ({"waivers": ["x"]}, "waiver 1 is 'x', expected a dictionary with some of rule, containers, reason, expires"),
        ({"waivers": [waiver(expires="soon")]}, "waiver 1 (rule 'limit'): expires is 'soon', expected the last day on"),
        ({"containers": ["wbe"]}, "no container has the name or id 'wbe'; near it: web"),
        ({"engine_timeout": 0}, "engine_timeout is 0, expected seconds above 0"),
        ({"nonsense": 1}, "Unsupported parameters"),
    ],
)
def test_bad_input_is_a_failed_task_without_an_answer(run_module, args, message):
    code, result = run_module(**args)
    assert code == 1
    assert message in result["msg"]
    assert "findings" not in result
    assert "Traceback" not in json.dumps(result)


def test_a_mistake_in_the_policy_is_told_before_anything_is_read(run_module, tree):
    tree.unreadable("/proc/self/mountinfo")
    code, result = run_module(policy=[{"name": "web", "memroy": {}}])
    assert (code, "memroy" in result["msg"]) == (1, True)


def test_only_what_the_rules_need_is_read(run_module, tree):
    for name in ("mountinfo", "uid_map", "gid_map"):
        tree.unreadable(f"/proc/7/{name}")
    for name in ("pids.max", "cpu.max"):
        tree.unreadable(f"/sys/fs/cgroup/docker/{A}/{name}")
    _code, result = run_module(policy=[LIMIT, PRIVATE])
    assert result["summary"]["by_status"]["unknown"] == 0
    _code, result = run_module(policy=[{"name": "pids", "pids": {"limited": True}}], containers=["web"])
    (finding,) = result["findings"]
    assert (finding["status"], finding["enforced"]) == ("unknown", None)
    assert finding["reason"] == f"/sys/fs/cgroup/docker/{A}/pids.max: Is a directory"


def test_one_that_ends_meanwhile_is_counted(run_module, tree):
    tree.remove("/proc/8/stat")
    _code, result = run_module(policy=[LIMIT, PRIVATE])
    assert result["host"]["vanished"] == 1
    assert [row["name"] for row in result["containers"]] == ["web"]
    assert result["findings"] == []
