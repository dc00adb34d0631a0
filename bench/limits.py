"""Setting memory limits from this process, without Ansible: prints the seconds as JSON.

python -m bench.limits SOCKET api              bare calls to the engine over one connection, one after the other
python -m bench.limits SOCKET module PARALLEL  all that container_memory_limit does but to begin and to end

Both give the bench's containers a limit that none of them has had before, and no swap.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from ansible_collections.fathom.containers.plugins.module_utils.engines.find import witnesses
from ansible_collections.fathom.containers.plugins.module_utils.engines.http import Connection
from ansible_collections.fathom.containers.plugins.module_utils.limits.batch import set_memory_limits
from ansible_collections.fathom.containers.plugins.module_utils.limits.request import read_request

from bench.containers import LABEL, PREFIX

_TIMEOUT_SECONDS = 600


def new_limit_bytes() -> int:
    """128 MiB and as many pages as the clock has milliseconds: another one each time."""
    return (128 << 20) + 4096 * (time.time_ns() // 1_000_000 % 100_000)


def api(socket: str) -> tuple[float, int]:
    """The seconds of the updates alone; which containers there are is asked before."""
    connection = Connection(socket, _TIMEOUT_SECONDS)
    _status, found = connection.get(f'/containers/json?filters={{"label":["{LABEL}"]}}')
    limits = {"Memory": new_limit_bytes()}
    limits["MemorySwap"] = limits["Memory"]
    begin = time.perf_counter()
    for one in found:
        status, answer = connection.post(f"/containers/{one['Id']}/update", limits)
        if status != 200:
            raise SystemExit(f"the engine answered {status}: {answer}")
    return time.perf_counter() - begin, len(found)


def _run(command: list[str], **_options: object) -> tuple[int, bytes, bytes]:
    """As AnsibleModule's, which a host with systemd's driver needs."""
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def module(socket: str, parallel: str) -> tuple[float, int]:
    params: dict[str, Any] = {
        "limits": [{"containers": [f"{PREFIX}*"], "memory": str(new_limit_bytes()), "swap": "0"}],
        "containers": None,
        "engines": None,
        "headroom": "10%",
        "below_usage": "reclaim",
        "persist": True,
        "on_refused": "fail",
        "on_missing": "fail",
        "parallel": int(parallel),
    }
    begin = time.perf_counter()
    asked = witnesses({"engines": ["docker"], "docker_socket": socket, "engine_timeout": _TIMEOUT_SECONDS})
    result, _warnings = set_memory_limits(asked, read_request(params), False, _run)
    seconds = time.perf_counter() - begin
    if {one["status"] for one in result["containers"]} != {"changed"}:
        raise SystemExit(result.get("msg", "a container was not changed"))
    return seconds, len(result["containers"])


def main() -> None:
    socket, part, *words = sys.argv[1:]
    seconds, containers = api(socket) if part == "api" else module(socket, *words)
    print(json.dumps({"seconds": seconds, "containers": containers}))


if __name__ == "__main__":
    main()
