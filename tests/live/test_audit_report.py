"""The audit's playbook on this machine: hosts that were audited and hosts that were lost, and what of it is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lab import CHECKOUT
from tests.live.fleet import MIB, Fleet

HERE = f"here ansible_connection=local ansible_python_interpreter={sys.executable}\n"
TWIN = HERE.replace("here", "twin", 1)
LOST = "lost ansible_host=127.0.0.1 ansible_port=1\n"
POLICY = [
    {"name": "every one has a limit", "severity": "high", "memory": {"limited": True}},
    {"name": "nobody", "severity": "low", "match": {"containers": ["no-such-*"]}, "pids": {"limited": True}},
]


class Audit:
    """Runs of the playbook over one inventory into one directory."""

    def __init__(self, folder: Path, containers: str) -> None:
        self.reports = folder / "a b"
        self._inventory = folder / "hosts.ini"
        self._variables = {"audit_report_dir": str(self.reports), "audit_containers": [containers]}

    def run(self, hosts: str, *options: str, playbook: str = "playbooks/audit.yml", **variables: Any) -> str:
        """What it printed; `code` has how it ended."""
        self._inventory.write_text(hosts)
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(self._inventory), playbook]
        command += ["-e", json.dumps({**self._variables, **variables}), *options]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        self.code = done.returncode
        return done.stdout + done.stderr

    @property
    def told(self) -> Any:
        return json.loads((self.reports / "audit.json").read_text(encoding="utf-8"))


@pytest.fixture
def audit(tmp_path: Path, fleet: Fleet) -> Audit:
    return Audit(tmp_path, fleet.glob)


@pytest.fixture
def unlimited(fleet: Fleet) -> Any:
    container = fleet.run("unlimited")
    yield container
    container.remove(force=True)


def test_what_a_run_tells_and_writes(audit: Audit, unlimited: Any) -> None:
    said = audit.run(HERE, audit_policy=POLICY)
    assert audit.code == 0, said
    assert f"high  every one has a limit: {unlimited.name}" in said
    assert f"path: {audit.reports}/audit.html" in said
    assert "the rule 'nobody' is about no container of any host" in said
    schema = json.loads((CHECKOUT / "docs" / "audit.schema.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(audit.told)] == []
    here = audit.told["hosts"]["here"]
    assert [(found["container"], found["rule"]) for found in here["findings"]] == [
        (unlimited.name, "every one has a limit")
    ]
    page = (audit.reports / "audit.html").read_text()
    assert "not audited</h2>" not in page
    assert unlimited.name in page
    assert unlimited.name in (audit.reports / "audit.csv").read_text()
    assert unlimited.name in (audit.reports / "audit.prom" / "here.prom").read_text()
    (suite,) = ET.parse(audit.reports / "audit.junit.xml").getroot()
    assert (suite.get("failures"), suite.get("skipped")) == ("1", "1")


def test_what_changed_since(audit: Audit, fleet: Fleet, unlimited: Any) -> None:
    audit.run(HERE, audit_policy=POLICY)
    unlimited.update(mem_limit=64 * MIB, memswap_limit=64 * MIB)
    other = fleet.run("other")
    try:
        said = audit.run(HERE, audit_policy=POLICY)
        assert "since the audit before: 1 new, 1 fixed, 0 still open" in said
        (fixed,) = audit.told["hosts"]["here"]["changes"]["fixed"]
        assert (fixed["container"], fixed["how"]) == (unlimited.name, "passes")
    finally:
        other.remove(force=True)


def test_lost_host_is_told_and_ends_the_run_with_an_error(audit: Audit) -> None:
    said = audit.run(HERE + LOST)
    assert audit.code != 0
    assert "lost: lost: " in said
    hosts = audit.told["hosts"]
    assert "Connection refused" in hosts["lost"]["error"]
    assert (hosts["here"]["error"], hosts["here"]["host"]["mode"] != "") == (None, True)
    assert "1 host not audited" in (audit.reports / "audit.html").read_text()


def test_reason_of_a_host_whose_python_does_not_run_is_its_own_word(audit: Audit, tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\necho 'python3: no such thing here' >&2\nexit 127\n", encoding="ascii")
    python.chmod(0o755)
    audit.run(HERE + f"mute ansible_connection=local ansible_python_interpreter={python}\n")
    assert audit.told["hosts"]["mute"]["error"].endswith(": python3: no such thing here")


def test_a_part_of_a_host_and_an_engine_that_is_down_fix_nothing(audit: Audit, fleet: Fleet, unlimited: Any) -> None:
    other = fleet.run("other")
    try:
        audit.run(HERE, audit_policy=POLICY)
        said = audit.run(HERE, audit_policy=POLICY, audit_containers=[unlimited.name])
        assert "since the audit before: 0 new, 0 fixed, 1 still open" in said
        assert f"1 container of those asked for: {unlimited.name}" in said
        rule = [dict(POLICY[0], match={"images": ["*"]})]
        audit.run(HERE, audit_policy=rule)
        nowhere: dict[str, Any] = {
            "audit_docker_socket": "/nonexistent.sock",
            "audit_containers": [unlimited.id, other.id],
        }
        said = audit.run(HERE, audit_policy=rule, audit_fail_on="high", **nowhere)
        assert audit.code == 0
        assert " 0 fixed, 0 still open" in said
        (reason,) = {found["reason"] for found in audit.told["hosts"]["here"]["findings"]}
        assert reason == "whether the rule is about it is not known, since docker can't be asked"
        audit.run(HERE, audit_policy=rule, audit_fail_on="high", audit_fail_on_unknown=True, **nowhere)
        assert audit.code != 0
    finally:
        other.remove(force=True)


def test_a_misspelt_variable_is_a_warning(audit: Audit) -> None:
    said = audit.run(HERE, audit_fail_onn="high")
    assert "the role has no variable 'audit_fail_onn'; is audit_fail_on meant?" in said.replace("\n", " ")


def test_a_part_of_the_fleet_leaves_the_others_in_the_report(audit: Audit) -> None:
    audit.run(HERE + TWIN)
    before = audit.told["hosts"]["twin"]
    said = audit.run(HERE + TWIN, "--limit", "here")
    assert audit.told["hosts"]["twin"] == before
    assert audit.told["summary"]["hosts"] == {"audited": 1, "kept": 1, "lost": 0}
    assert "1 host as an earlier run found them" in said
    # Taken off the inventory, it stays until somebody says otherwise.
    audit.run(HERE)
    assert "twin" in audit.told["hosts"]
    audit.run(HERE, audit_keep="inventory")
    assert list(audit.told["hosts"]) == ["here"]


@pytest.mark.usefixtures("unlimited")
def test_in_batches(audit: Audit, tmp_path: Path) -> None:
    playbook = tmp_path / "serial.yml"
    plays = [{"hosts": "all", "gather_facts": False, "serial": 1, "roles": ["fathom.containers.audit"]}]
    playbook.write_text(json.dumps(plays))
    for wanted in ({"new": 0, "open": 0, "fixed": 0}, {"new": 0, "open": 2, "fixed": 0}):
        audit.run(HERE + TWIN, playbook=str(playbook), audit_policy=POLICY)
        assert audit.told["summary"]["hosts"] == {"audited": 2, "kept": 0, "lost": 0}
        assert audit.told["summary"]["changes"] == wanted


@pytest.mark.usefixtures("unlimited")
def test_a_pipeline_can_fail(audit: Audit) -> None:
    said = audit.run(HERE, audit_policy=POLICY, audit_fail_on="medium")
    assert audit.code != 0
    assert "checks that failed with severity medium or worse: 1" in said
    assert audit.told["summary"]["by_severity"]["high"]["fail"] == 1
    audit.run(HERE, audit_policy=POLICY, audit_fail_on="critical")
    assert audit.code == 0
    waiver = {"rule": POLICY[0]["name"], "containers": ["*"], "reason": "test", "expires": "2999-01-01"}
    audit.run(HERE, audit_policy=POLICY, audit_fail_on="low", audit_waivers=[waiver])
    assert audit.code == 0
    assert audit.told["summary"]["by_status"]["waived"] == 1


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"audit_policy": [{"name": "x", "memroy": {}}]}, "unknown key 'memroy'"),
        ({"audit_policy": POLICY[0]}, "the policy is a dictionary, expected a list of rules"),
        ({"container_policy": []}, "the policy has no rules; give at least one"),
        ({"container_policy": None}, "the policy is empty, expected a list of rules"),
        ({"audit_engines": ["dokcer"]}, "Got no match for: dokcer"),
        ({"audit_waivers": {"rule": "x"}}, "the waivers are a dictionary, expected a list"),
        ({"audit_packs": ["cis"]}, "no pack has the name 'cis'"),
        ({"audit_waivers": [{"rule": "x"}]}, "waiver 1"),
        (
            {"audit_report_dir": "/proc/no/report"},
            "audit_report_dir is /proc/no/report, where no report can be written",
        ),
        ({"audit_report_dir": ""}, "audit_report_dir is empty"),
        ({"audit_engine_timeout": 0}, "audit_engine_timeout is 0, expected seconds above 0"),
        ({"audit_docker_socket": "tcp://there:2375"}, "audit_docker_socket is 'tcp://there:2375', expected the path"),
        ({"audit_containers": []}, "audit_containers is an empty list, which selects nothing"),
        ({"audit_report_dir": ["reports"]}, "audit_report_dir is a list; give the directory"),
    ],
)
def test_a_mistake_is_an_error_before_any_host_is_asked(audit: Audit, variables: dict[str, Any], reason: str) -> None:
    said = audit.run(HERE + LOST, **variables)
    assert audit.code != 0
    assert reason in said.replace("\n", " ")
    assert "audit : Judge every container" not in said


def test_check_mode_judges_and_writes_nothing(audit: Audit, unlimited: Any) -> None:
    said = audit.run(HERE, "--check", audit_policy=POLICY)
    assert audit.code == 0, said
    assert f"high  every one has a limit: {unlimited.name}" in said
    assert "checks that failed: 0 critical, 1 high" in said
    assert not os.path.lexists(audit.reports)


def test_inventory_without_hosts_is_an_error(audit: Audit) -> None:
    said = audit.run("")
    assert audit.code != 0
    assert "has no hosts" in said
