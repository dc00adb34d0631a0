"""Asks an engine on a host for all its running containers, and prints its answers as JSON: {target: document}.

`fixtures` sends this file to the host, where nothing but Python 3.8 is needed: `python3 - SOCKET PREFIX`. Of the
containers only those are asked for whose names begin with PREFIX.
"""

from __future__ import annotations

import http.client
import json
import socket
import sys
from typing import Any

# Of /info, what tells about containers; the rest is about the machine.
INFO_KEYS = (
    *("ServerVersion", "CgroupDriver", "CgroupVersion", "DefaultRuntime", "Driver", "KernelVersion", "OSType"),
    *("MemTotal", "MemoryLimit", "SwapLimit", "CPUCfsQuota", "CpuCfsQuota", "PidsLimit", "SecurityOptions", "Warnings"),
)


def main(path: str, prefix: str) -> None:
    info = ask(path, "/info")
    rows = [row for row in ask(path, "/containers/json") if row["Names"][0].lstrip("/").startswith(prefix)]
    answers: dict[str, Any] = {
        "/info": {key: info[key] for key in INFO_KEYS if key in info},
        "/containers/json": rows,
    }
    for row in rows:
        target = f"/containers/{row['Id']}/json"
        answers[target] = ask(path, target)
    json.dump(answers, sys.stdout)


def ask(path: str, target: str) -> Any:
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(path)
    connection.request("GET", target)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise SystemExit(f"{path}: GET {target}: {answer.status} {answer.reason}: {body.decode(errors='replace')}")
    return json.loads(body)


if __name__ == "__main__":
    main(*sys.argv[1:])
