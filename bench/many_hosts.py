"""The report over many hosts, fed with answers as the hosts of a fleet would give them: prints the seconds as JSON.

python -m bench.many_hosts prepare SPOOL SOCKET HOSTS  audits this machine; spools the answer, for each host anew
python -m bench.many_hosts write SPOOL                 writes the report of the spool, as container_report_write does

What tells containers apart differs from host to host: ids, PIDs and inodes of namespaces. So no text of one host serves
for another's where it would not in a fleet.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.fathom.containers.plugins.module_utils.policy.packs import load_packs
from ansible_collections.fathom.containers.plugins.plugin_utils.report.spool import Spool
from ansible_collections.fathom.containers.plugins.plugin_utils.report.write import write_report

from bench import CHECKOUT
from bench.readers import answer

_STAMP = "2026-11-24T12:00:00Z"
_ID = re.compile(r"\b[0-9a-f]{12}(?=[0-9a-f]{52}\b)")
_INODE = re.compile(r"\b4026\d{6}\b")
_PID = re.compile(r'(?<=/proc/)\d+\b|(?<="pid": )\d+\b')


def prepare(folder: str, socket: str, hosts: str) -> dict[str, Any]:
    """The containers and the bytes of an answer."""
    told = answer(socket)
    text = json.dumps(told)
    spool = Spool(folder)
    for number in range(int(hosts)):
        spool.put(_name(number), {"time": _STAMP, "error": None, "answer": json.loads(_of_host(text, number))})
    return {"seconds": 0, "containers": len(told["containers"]), "answer_bytes": len(text)}


def _name(number: int) -> str:
    return f"host{number:06}"


def _of_host(text: str, number: int) -> str:
    """The answer with the ids, PIDs and inodes of another host; all as long as they were."""
    text = _ID.sub(lambda found: f"{int(found[0], 16) ^ (number << 20):012x}", text)
    text = _INODE.sub(lambda found: str(4026000000 + (int(found[0]) + 997 * number) % 1000000), text)
    return _PID.sub(lambda found: str(int(found[0]) + number), text)


def write(spooled: str) -> dict[str, Any]:
    """The seconds, and the bytes of the files."""
    spool = Spool(spooled)
    names = map(_name, range(len(list(Path(spooled).rglob("*.json")))))
    with tempfile.TemporaryDirectory(dir=spooled) as folder:
        begin = time.perf_counter()
        asked = {name: lambda _before, name=name: spool.take(name) for name in names}
        write_report(folder, asked, _STAMP, _STAMP, str(CHECKOUT / "roles" / "audit"), lambda p: load_packs(p)[1])
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "hosts": len(asked), "bytes": dict(_sizes(Path(folder)))}


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    for path in sorted(folder.iterdir()):
        yield path.name, sum(one.stat().st_size for one in path.rglob("*")) if path.is_dir() else path.stat().st_size


def main() -> None:
    part, *words = sys.argv[1:]
    print(json.dumps(prepare(*words) if part == "prepare" else write(*words)))


if __name__ == "__main__":
    main()
