# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with one container for the tests of limits: its memory cgroup takes writes as a kernel does, its engine as
Docker does. Both do it on the files of a Tree, so that what is tested reads them as it reads a kernel's.

The rules are those of mm/memcontrol.c and mm/memcontrol-v1.c, and of Docker's update as observed on 20.10 and 26.
"""

from __future__ import annotations

import errno
import os

from ansible_collections.fathom.containers.plugins.module_utils.containers.discover import Found
from ansible_collections.fathom.containers.plugins.module_utils.containers.identify import Identity
from ansible_collections.fathom.containers.plugins.module_utils.containers.inventory import Container
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim, Engine, declare
from ansible_collections.fathom.containers.plugins.module_utils.errors import EngineError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.host import read_host
from ansible_collections.fathom.containers.plugins.module_utils.kernel.writer import Writer
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, V1_UNLIMITED, A, host_files

# What Docker says where the kernel does not account for swap.
WITHOUT_SWAP = (
    "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap."
)
PAGE = 4096
UNLIMITED = float("inf")
PID = 4242


class Killed(BaseException):
    """The module is killed: nothing that catches errors may see it."""


class Kernel(Writer):
    """Bytes. ``anonymous`` and ``locked`` can't be reclaimed, as the host has no swap; ``cache`` can."""

    def __init__(self, tree, directory, version, has_reclaim=True, accounts_for_swap=True):
        super().__init__(tree.root)
        self.version = version
        self.limit = self.swap = self.high = UNLIMITED
        self.reservation = 0
        self.anonymous, self.cache, self.kills = 0, 0, 0
        self.has_reclaim = has_reclaim
        self.accounts_for_swap = accounts_for_swap
        self.written = []
        self._tree = tree
        self._directory = directory

    @property
    def usage(self):
        return self.anonymous + self.cache

    @property
    def memory_swap(self):
        return self.limit + self.swap

    def write(self, path, text):
        directory, name = os.path.split(path)
        assert directory == self._directory, path
        self.written.append((name, text))
        value = UNLIMITED if text in ("-1", "max") else int(text) // PAGE * PAGE
        if text.isdigit() and int(text) >= V1_UNLIMITED:
            value = UNLIMITED
        {
            "memory.limit_in_bytes": self._limit_v1,
            "memory.memsw.limit_in_bytes": self._memory_swap_v1,
            "memory.soft_limit_in_bytes": self._soft,
            "memory.max": self._limit_v2,
            "memory.swap.max": self._swap_v2,
            "memory.low": self._low,
            "memory.high": self._high,
            "memory.reclaim": self._reclaim,
        }[name](value)
        self.show()

    def show(self):
        if self.version == 1:
            figures = {
                "memory.limit_in_bytes": _v1(self.limit),
                "memory.memsw.limit_in_bytes": _v1(self.memory_swap),
                "memory.soft_limit_in_bytes": _v1(self.reservation or UNLIMITED),
                "memory.usage_in_bytes": self.usage,
                "memory.kmem.usage_in_bytes": 0,
                "memory.oom_control": f"oom_kill_disable 0\nunder_oom 0\noom_kill {self.kills}",
                "memory.stat": f"total_rss {self.anonymous}\ntotal_cache {self.cache}\ntotal_swap 0\n"
                f"total_inactive_file {self.cache}\nhierarchical_memory_limit {_v1(self.limit)}",
            }
        else:
            figures = {
                "memory.max": _v2(self.limit),
                "memory.swap.max": _v2(self.swap),
                "memory.high": _v2(self.high),
                "memory.low": self.reservation,
                "memory.min": 0,
                "memory.current": self.usage,
                "memory.swap.current": 0,
                "memory.events": f"low 0\nhigh 0\nmax 0\noom 0\noom_kill {self.kills}",
                "memory.stat": f"anon {self.anonymous}\nfile {self.cache}\ninactive_file {self.cache}\nkernel 0",
            }
            if self.has_reclaim:
                figures["memory.reclaim"] = ""
        if not self.accounts_for_swap:
            figures = {name: figure for name, figure in figures.items() if "memsw" not in name and "swap" not in name}
        self._tree.directory(self._directory, figures)

    def _limit_v1(self, value):
        if value > self.memory_swap:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._evict(value)
        if self.usage > value:
            self.show()
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        together = self.memory_swap
        self.limit = value
        self.swap = UNLIMITED if together == UNLIMITED else together - value

    def _memory_swap_v1(self, value):
        if value < self.limit:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self.swap = UNLIMITED if value == UNLIMITED else value - self.limit

    def _soft(self, value):
        self.reservation = 0 if value == UNLIMITED else value

    def _limit_v2(self, value):
        self.limit = value
        self._evict(value)
        if self.usage > value:
            self.kills += 1
            self.anonymous = 0

    def _swap_v2(self, value):
        self.swap = value

    def _low(self, value):
        self.reservation = value

    def _high(self, value):
        self.high = value
        self._evict(value)

    def _reclaim(self, chunk):
        before = self.cache
        self._evict(self.usage - chunk)
        if before - self.cache < chunk:
            self.show()
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    def _evict(self, most):
        self.cache = max(0, min(self.cache, most - self.anonymous))


class FakeDocker(Engine):
    """The record of one container. ``fails``: an update that answers an error after it has changed the kernel."""

    name = "docker"
    socket = "/var/run/docker.sock"
    smallest_memory_bytes = 6 * MIB

    def __init__(self, kernel, runs=True):
        self.kernel = kernel
        self.memory = self.together = self.reservation = 0
        self.runs = runs
        self.updates = []
        self.fails = None

    def info(self):
        raise AssertionError("not asked by a change of limits")

    def list(self, stopped):  # noqa: ARG002
        return {A: self._claim(None)}

    def expect(self, container_ids, itself):
        assert (set(container_ids) <= {A}, itself) == (True, False)

    def describe(self, container_id):
        assert container_id == A
        return self._claim(
            declare(
                memory_bytes=self.memory if 0 < self.memory < V1_UNLIMITED else None,
                memory_swap_bytes=-1 if self.together >= V1_UNLIMITED else self.together or None,
                memory_reservation_bytes=self.reservation if self.reservation > 0 else None,
            )
        )

    def again(self):
        return self

    def close(self):
        pass

    def read(self, target, understand):  # noqa: ARG002
        raise AssertionError("not asked by a change of limits")

    def objection(self, settings, memory_version, runs):  # noqa: ARG002
        if settings.memory_bytes < self.smallest_memory_bytes:
            return "notes no limit below 6 MiB"
        if settings.memory_bytes == UNLIMITED and settings.memory_swap_bytes != UNLIMITED:
            return "notes no limit of swap without memory; give memory as well, or swap: unlimited"
        return None

    def update(self, claim, settings):
        assert claim.id == A
        self.updates.append(settings)
        memory = V1_UNLIMITED if settings.memory_bytes == UNLIMITED else settings.memory_bytes
        without = not self.kernel.accounts_for_swap
        together = -1 if without or settings.memory_swap_bytes == UNLIMITED else settings.memory_swap_bytes
        if memory < self.smallest_memory_bytes:
            raise EngineError("Minimum memory limit allowed is 6MB")
        if together != -1 and together < memory:
            raise EngineError("Minimum memoryswap limit should be larger than memory limit, see usage")
        if self.runs:
            self._run_update(memory, together)
        if self.fails:
            raise EngineError(self.fails)
        self.memory, self.together = memory, together
        if settings.memory_reservation_bytes is not None:
            self.reservation = settings.memory_reservation_bytes or -1
        return [WITHOUT_SWAP] if without else []

    def _run_update(self, memory, together):
        """What the runtime writes: swap that is not limited is never sent to it."""
        kernel, text = self.kernel, str(memory)
        try:
            if kernel.version == 2:
                if together != -1:
                    kernel.write(kernel._directory + "/memory.swap.max", str(together - memory))
                kernel.write(kernel._directory + "/memory.max", text)
            else:
                files = [("memory.limit_in_bytes", text)]
                if together != -1:
                    files.append(("memory.memsw.limit_in_bytes", str(together)))
                if memory > kernel.memory_swap:
                    files.reverse()
                for name, value in files:
                    kernel.write(f"{kernel._directory}/{name}", value)
        except OSError as exc:
            raise EngineError(f"runc did not terminate successfully: {exc}") from exc

    def _claim(self, declared):
        state, pid = ("running", PID) if self.runs else ("exited", None)
        return Claim(A, "web", self.name, "img", state, pid, {}, declared)


class Machine:
    """``version`` of cgroups 1 or 2; the container's cgroup is Docker's with the cgroupfs driver."""

    def __init__(self, tree, version, has_reclaim=True, accounts_for_swap=True):
        path = f"/docker/{A}"
        if version == 1:
            host_files(tree, "4:memory:/\n", "30 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n")
            point, line = "/sys/fs/cgroup/memory", f"4:memory:{path}\n"
            tree.directory(point, {"memory.limit_in_bytes": V1_UNLIMITED})
            if accounts_for_swap:
                tree.directory(point, {"memory.memsw.limit_in_bytes": V1_UNLIMITED})
            tree.directory(point + "/docker", {"memory.limit_in_bytes": V1_UNLIMITED})
        else:
            host_files(tree, "0::/\n", "30 23 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
            point, line = "/sys/fs/cgroup", f"0::{path}\n"
            tree.directory(point, {"cgroup.controllers": "memory"})
            tree.directory(point + "/docker", {"memory.max": "max"})
            if accounts_for_swap:
                tree.directory(point + "/docker", {"memory.swap.max": "max"})
        tree.process(PID, line)
        self.tree = tree
        self.parent = point + "/docker"
        self.kernel = Kernel(tree, point + path, version, has_reclaim, accounts_for_swap)
        self.kernel.show()
        self.engine = FakeDocker(self.kernel)
        self.container = Container(Found(Identity("docker", A, path), None, [PID]), self.engine.describe(A))

    @property
    def host(self):
        return read_host(self.tree.files, PAGE)

    def tell_systemd(self, unit, _settings):
        raise AssertionError(f"no systemd here has {unit}")

    @property
    def held(self):
        """What kernel and engine hold, each in its own words."""
        kernel, engine = self.kernel, self.engine
        return (kernel.limit, kernel.swap, kernel.reservation, engine.memory, engine.together, engine.reservation)


def _v1(value):
    return V1_UNLIMITED if value == UNLIMITED else int(value)


def _v2(value):
    return "max" if value == UNLIMITED else int(value)
