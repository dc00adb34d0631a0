"""The report of the audit: hosts that were audited and hosts that were lost, and where it is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab import CHECKOUT
from tests.live.fleet import Fleet

HERE = f"here ansible_connection=local ansible_python_interpreter={sys.executable}\n"
LOST = "lost ansible_host=127.0.0.1 ansible_port=1\n"


def audit(inventory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    playbook = Path(sys.executable).with_name("ansible-playbook")
    command = [str(playbook), "-i", str(inventory), "playbooks/audit.yml", *options]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    return tmp_path / "hosts.ini"


def test_page_of_hosts_that_were_all_audited_names_none_as_lost(fleet: Fleet, inventory: Path, tmp_path: Path) -> None:
    fleet.run("told")
    inventory.write_text(HERE)
    done = audit(inventory, "-e", json.dumps({"audit_report_dir": f"{tmp_path}/a b"}))
    assert done.returncode == 0, done.stdout
    page = (tmp_path / "a b" / "audit.html").read_text()
    assert "ot audited" not in page
    assert fleet.name("told") in page


def test_lost_host_is_told_first_and_ends_the_run_with_an_error(inventory: Path, tmp_path: Path) -> None:
    inventory.write_text(HERE + LOST)
    done = audit(inventory, "-e", f"audit_report_dir={tmp_path}/new")
    assert done.returncode != 0
    page = (tmp_path / "new" / "audit.html").read_text()
    assert "1 not audited: lost<" in page
    assert page.index("<h2>lost</h2>") < page.index("<h2>here</h2>")
    hosts = json.loads((tmp_path / "new" / "audit.json").read_text())["hosts"]
    assert "Connection refused" in hosts["lost"]["error"]
    assert hosts["here"]["host"]["mode"]


def test_inventory_without_hosts_is_an_error(inventory: Path) -> None:
    done = audit(inventory)
    assert done.returncode != 0
    assert "has no hosts" in done.stdout
