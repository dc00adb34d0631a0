"""The collection's own functions in this process, without Ansible: prints the seconds of one call as JSON.

python -m bench.readers read        find the containers and read their cgroups, no engine asked
python -m bench.readers engine      the engine's list, and its full word on each container
python -m bench.readers gather      both, joined: all that the module does but to begin and to end
python -m bench.readers namespaces  the same for the namespaces
python -m bench.readers audit       judge by both packs
python -m bench.readers osquery     what osquery does for its table docker_containers: list, inspect, seven links each
python -m bench.readers cadvisor    what cAdvisor reads: list, inspect, and the files of each cgroup, once
python -m bench.readers report      write the report over 100 hosts that have these containers each
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.fathom.containers.plugins.module_utils.audit import audit as judge
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroup_facts import gather_cgroup_facts
from ansible_collections.fathom.containers.plugins.module_utils.containers.namespace_facts import (
    gather_namespace_facts,
)
from ansible_collections.fathom.containers.plugins.module_utils.engines.find import witnesses
from ansible_collections.fathom.containers.plugins.module_utils.policy.packs import PACKS, load_packs
from ansible_collections.fathom.containers.plugins.plugin_utils.report.write import write_report

from bench import CHECKOUT
from bench.cadvisor import look

_LINKS = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
_HOSTS = 100
_STAMP = "2026-11-24T12:00:00Z"


def docker(socket: str) -> Any:
    return witnesses({"engines": ["docker"], "docker_socket": socket, "engine_timeout": 600})


def read(_socket: str) -> Any:
    return gather_cgroup_facts([])[0]["containers"]


def engine(socket: str) -> Any:
    (witness,) = docker(socket)
    witness.testify(stopped=False)
    return [witness.describe(container_id)._asdict() for container_id in list(witness.claims)]


def gather(socket: str) -> Any:
    return gather_cgroup_facts(docker(socket))[0]["containers"]


def namespaces(socket: str) -> Any:
    return gather_namespace_facts(docker(socket))[0]["containers"]


def osquery(socket: str) -> Any:
    return [
        {**row, "links": [str(Path(f"/proc/{row['pid']}/ns/{link}").readlink()) for link in _LINKS]}
        for row in engine(socket)
    ]


def cadvisor(socket: str) -> Any:
    return [{**row, "files": look(row["pid"])} for row in engine(socket)]


def answer(socket: str) -> Any:
    options: dict[str, Any] = {
        "packs": PACKS,
        "policy": None,
        "waivers": [],
        "include_passed": False,
        "on_unmatched": "ignore",
    }
    return judge({**options, "containers": None, "engines": None}, docker(socket))[0]


def audit(socket: str) -> Any:
    return answer(socket)["containers"]


PARTS: dict[str, Callable[[str], Any]] = {
    one.__name__: one for one in (read, engine, gather, namespaces, audit, osquery, cadvisor)
}


def report(socket: str) -> float:
    """The seconds that the report takes; that the hosts were audited is not in them."""
    told = {"time": _STAMP, "error": None, "answer": answer(socket)}
    hosts = {f"host{number:03}": lambda _before: told for number in range(_HOSTS)}
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        write_report(folder, hosts, _STAMP, _STAMP, str(CHECKOUT / "roles" / "audit"), lambda p: load_packs(p)[1])
        return time.perf_counter() - begin


def main() -> None:
    part, socket = sys.argv[1:]
    if part == "report":
        print(json.dumps({"seconds": report(socket)}))
        return
    begin = time.perf_counter()
    records = PARTS[part](socket)
    seconds = time.perf_counter() - begin
    print(json.dumps({"seconds": seconds, "containers": len(records), "json_bytes": len(json.dumps(records))}))


if __name__ == "__main__":
    main()
