"""`killed_reclaim.py SCOPE MOST_BYTES`: frees caches as on a kernel without memory.reclaim, and is killed meanwhile.

SCOPE is a cgroup's directory. Prints memory.high as it was when the kill came. Python has to find the collection.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import Files
from ansible_collections.fathom.containers.plugins.module_utils.kernel.writer import Writer
from ansible_collections.fathom.containers.plugins.module_utils.limits.reclaim import reclaim

CALLER = os.getpid()
SCOPE, MOST_BYTES = sys.argv[1:]


class OldKernel(Files):
    """Before 5.19."""

    def exists(self, path: str) -> bool:
        return not path.endswith("/memory.reclaim") and bool(super().exists(path))


class Deadly(Writer):
    """Ends the module in the worst moment: when memory.high has just been let down."""

    struck = False

    def write(self, path: str, text: str) -> None:
        super().write(path, text)
        if not self.struck:
            self.struck = True
            print(Path(path).read_text(encoding="ascii").strip(), flush=True)
            os.kill(CALLER, signal.SIGKILL)


reclaim(OldKernel(), Deadly(), SCOPE, int(MOST_BYTES))
print("nobody was killed")
