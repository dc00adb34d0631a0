"""The collection's own functions in this process, without Ansible: prints the seconds of one call as JSON.

python -m bench.readers read        find the containers and read their cgroups, no engine asked
python -m bench.readers engine      the engine's list, and its full word on each container
python -m bench.readers gather      both, joined: all that the module does but to begin and to end
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroup_facts import gather_cgroup_facts
from ansible_collections.fathom.containers.plugins.module_utils.engines.find import witnesses


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


PARTS: dict[str, Callable[[str], Any]] = {"read": read, "engine": engine, "gather": gather}


def main() -> None:
    part, socket = sys.argv[1:]
    begin = time.perf_counter()
    records = PARTS[part](socket)
    seconds = time.perf_counter() - begin
    print(json.dumps({"seconds": seconds, "containers": len(records), "json_bytes": len(json.dumps(records))}))


if __name__ == "__main__":
    main()
