"""`suicide.py CONTAINER MEMORY SWAP N`: sets the limits as the module does, and is killed before the n-th thing that it
would do: a write to the kernel or an update of the engine."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(sys.executable).parents[1] / "collections"))

from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.engines.witness import Witness
from ansible_collections.fathom.containers.plugins.module_utils.kernel.writer import Writer
from ansible_collections.fathom.containers.plugins.module_utils.limits.batch import set_memory_limits
from ansible_collections.fathom.containers.plugins.module_utils.limits.request import read_request


def run_nothing(command: list[str], **_options: object) -> None:
    """The containers of these tests have no unit of systemd's."""
    raise AssertionError(command)


def main() -> None:
    container, memory, swap, last = sys.argv[1:]
    left = int(last)

    def mortal(action: Any) -> Any:
        def act(*words: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return action(*words)

        return act

    for owner, name in ((Writer, "write"), (Docker, "update")):
        setattr(owner, name, mortal(getattr(owner, name)))
    params = {
        "limits": [{"containers": [container], "memory": memory, "swap": swap}],
        "containers": None,
        "engines": None,
        "headroom": "10%",
        "below_usage": "reclaim",
        "persist": True,
        "on_refused": "fail",
        "on_missing": "fail",
        "parallel": 1,
    }
    set_memory_limits([Witness(Docker("/var/run/docker.sock", 10))], read_request(params), False, run_nothing)


if __name__ == "__main__":
    main()
