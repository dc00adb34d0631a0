"""The one report of a fleet with a host that is down, and what a later run of a part of it leaves of that."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

testinfra_hosts = ["ansible://cgroupfs", "ansible://systemd"]
DOWN = "fathom-molecule-down"
CONTAINERS = ("limited", "neighbour", "unlimited")


@pytest.fixture(scope="module")
def whole(report_dir: Path) -> dict[str, Any]:
    """The report of the run over all hosts."""
    report: dict[str, Any] = json.loads((report_dir / "whole.json").read_text(encoding="utf-8"))
    return report


@pytest.fixture(scope="module")
def part(report_dir: Path) -> dict[str, Any]:
    """The report after the run over some of them."""
    report: dict[str, Any] = json.loads((report_dir / "audit.json").read_text(encoding="utf-8"))
    return report


def failed(report: dict[str, Any], host: str, rule: str) -> set[str]:
    """The containers of the host that fail the rule."""
    findings = report["hosts"][host]["findings"]
    return {one["container"] for one in findings if one["rule"] == rule and one["status"] == "fail"}


def suites(path: Path) -> list[ET.Element]:
    return list(ET.parse(path).getroot().iter("testsuite"))


def test_every_host_is_in_the_report(whole: dict[str, Any], inventory_name: str) -> None:
    assert set(whole["hosts"]) == {DOWN, "fathom-molecule-bookworm", "fathom-molecule-trixie"}
    assert whole["hosts"][inventory_name]["error"] is None
    assert "Connection refused" in whole["hosts"][DOWN]["error"]


def test_the_containers_are_those_of_the_hosts_engine(whole: dict[str, Any], kernel: Any, inventory_name: str) -> None:
    told = {(one["id"], one["name"], one["pid"]) for one in whole["hosts"][inventory_name]["containers"]}
    assert told == {(one["Id"], name, one["State"]["Pid"]) for name, one in kernel.engine.items()}
    assert {name for _id, name, _pid in told} == set(CONTAINERS)


def test_findings_are_what_the_kernel_shows(
    host: Host, whole: dict[str, Any], kernel: Any, inventory_name: str
) -> None:
    unlimited = {name for name in CONTAINERS if not kernel.memory_limits(name)}
    assert failed(whole, inventory_name, "baseline/memory-limit") == unlimited
    inodes = {name: host.check_output(f"readlink /proc/{kernel.pid(name)}/ns/net") for name in CONTAINERS}
    assert inodes["limited"] == inodes["neighbour"] != inodes["unlimited"]
    row = next(one for one in whole["hosts"][inventory_name]["containers"] if one["name"] == "neighbour")
    assert row["shared"]["net"] == ["limited"]


def test_a_run_of_a_part_leaves_the_rest_as_it_was(whole: dict[str, Any], part: dict[str, Any]) -> None:
    assert part["hosts"]["fathom-molecule-bookworm"] == whole["hosts"]["fathom-molecule-bookworm"]
    assert part["hosts"][DOWN]["error"] == whole["hosts"][DOWN]["error"]
    again = part["hosts"]["fathom-molecule-trixie"]
    assert again["run"] > whole["hosts"]["fathom-molecule-trixie"]["run"]
    assert again["previous_audited_at"] == whole["hosts"]["fathom-molecule-trixie"]["audited_at"]


def test_the_host_that_is_down_is_in_every_output(report_dir: Path) -> None:
    assert DOWN in (report_dir / "audit.html").read_text(encoding="utf-8")
    with (report_dir / "whole.csv").open(encoding="utf-8", newline="") as file:
        assert DOWN in {row[0] for row in csv.reader(file)}
    errors = {suite.get("name"): suite.get("errors") for suite in suites(report_dir / "whole.junit.xml")}
    assert errors == {DOWN: "1", "fathom-molecule-bookworm": "0", "fathom-molecule-trixie": "0"}
    assert not (report_dir / "audit.prom" / f"{DOWN}.prom").exists()


def test_a_test_report_is_of_its_own_run_alone(report_dir: Path) -> None:
    assert [suite.get("name") for suite in suites(report_dir / "audit.junit.xml")] == ["fathom-molecule-trixie"]


def test_it_is_said_on_the_terminal(report_dir: Path) -> None:
    said = json.loads((report_dir / "said.json").read_text(encoding="utf-8"))
    assert DOWN in said["whole"]
    assert "unlimited" in said["part"]
