"""The playbook on the machine, and the module for an ordinary user there."""

from __future__ import annotations

import json
from pathlib import Path

from tests.vm import kernel
from tests.vm.host import Vm
from tests.vm.test_cgroup_facts import MODULE


def test_audit_reports_what_the_kernel_has(clean_vm: Vm, tmp_path: Path) -> None:
    residents = clean_vm.resume_inhabited()
    done = clean_vm.playbook("playbooks/audit.yml", {"audit_report_dir": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr
    (host,) = json.loads((tmp_path / "audit.json").read_text())["hosts"].values()
    limits = {record["id"]: record["limit_bytes"] for record in host["containers"]}
    for resident in residents.values():
        assert limits[resident.id] == kernel.cgroup(clean_vm, resident).limit("memory.max")
    page = (tmp_path / "audit.html").read_text()
    assert "not audited</h2>" not in page
    for resident in residents.values():
        # Without an engine that can be asked there is no name.
        title = resident.id[:12] if resident.kind.engine in {"containerd", "unknown"} else resident.name
        assert title in page
        assert title in done.stdout


def test_an_ordinary_user_gets_what_can_be_read(clean_vm: Vm) -> None:
    resident = clean_vm.resume_inhabited()["docker-limited"]
    result = clean_vm.ansible(MODULE, {}, user="lab")
    records = result["ansible_facts"]["container_cgroups"]["containers"]
    (record,) = [one for one in records if one["id"] == resident.id]
    assert (record["engine"], record["engine_known"]) == ("docker", False)
    assert record["memory"]["limit_bytes"] == kernel.cgroup(clean_vm, resident).number("memory.max")
    assert (record["name"], record["drift"]) == (None, None)
    assert [warning for warning in result["warnings"] if "Permission denied" in warning]
