# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small hosts for the unit tests: the files that a kernel shows, written below a directory of the test's own.

Whole hosts, as captured from real ones, are in fixtures/.
"""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import Files

# Ids of containers.
A, B, C = (letter + "0123456789abcdef" * 3 + letter * 15 for letter in "abc")

GIB = 1 << 30
MIB = 1 << 20
V1_UNLIMITED = 9223372036854771712

INITIAL_PID_NAMESPACE = "pid:[4026531836]"
INITIAL_CGROUP_NAMESPACE = "cgroup:[4026531835]"

MOUNTINFO_V2 = "30 23 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

# The controllers of a v1 host: separate hierarchies but for cpu and cpuacct, as systemd mounts them.
V1_HIERARCHIES = ("name=systemd", "cpu,cpuacct", "cpuset", "memory", "pids", "blkio")

MEMORY_V1 = {
    "memory.limit_in_bytes": V1_UNLIMITED,
    "memory.memsw.limit_in_bytes": V1_UNLIMITED,
    "memory.soft_limit_in_bytes": V1_UNLIMITED,
    "memory.usage_in_bytes": 7782400,
    "memory.max_usage_in_bytes": 8122368,
    "memory.failcnt": 0,
    "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 0",
    "memory.stat": (
        f"cache 6594560\ninactive_file 1\nhierarchical_memory_limit {V1_UNLIMITED}\n"
        f"hierarchical_memsw_limit {V1_UNLIMITED}\ntotal_cache 6594560\ntotal_swap 0\ntotal_inactive_file 6594560"
    ),
}
CPU_V1 = {
    "cpu.cfs_quota_us": -1,
    "cpu.cfs_period_us": 100000,
    "cpu.shares": 1024,
    "cpu.stat": "nr_periods 0\nnr_throttled 0\nthrottled_time 0",
}
CPUSET_V1 = {"cpuset.cpus": "0-1", "cpuset.mems": "0", "cpuset.effective_cpus": "0-1"}
PIDS = {"pids.max": "max", "pids.current": 1, "pids.events": "max 0"}
V2 = {
    "memory.max": "max",
    "memory.high": "max",
    "memory.low": 0,
    "memory.min": 0,
    "memory.swap.max": "max",
    "memory.current": 7782400,
    "memory.peak": 8122368,
    "memory.swap.current": 0,
    "memory.zswap.current": 0,
    "memory.oom.group": 0,
    "memory.events": "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0",
    "memory.stat": "anon 1187840\nfile 6594560\ninactive_file 6594560",
    "memory.pressure": "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0",
    "cpu.max": "max 100000",
    "cpu.weight": 100,
    "cpu.stat": "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0",
    "cpuset.cpus": "",
    "cpuset.mems": "",
    "cpuset.cpus.effective": "0-1",
    "io.stat": "",
    "io.max": "",
    **PIDS,
}


class Tree:
    """Files below a directory, as /proc and /sys would have them."""

    def __init__(self, root):
        self.root = str(root)

    @property
    def files(self):
        return Files(self.root)

    def write(self, path, content=""):
        """``content``: bytes, or what is written as text and a newline."""
        data = content if isinstance(content, bytes) else os.fsencode(f"{content}\n")
        place = Path(self.root + os.fsdecode(path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def directory(self, path, figures=()):
        """A cgroup's directory with ``figures``, {file name: content}."""
        Path(self.root + path).mkdir(parents=True, exist_ok=True)
        for name, content in dict(figures).items():
            self.write(path + "/" + name, content)

    def link(self, path, target):
        place = Path(self.root + path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)

    def remove(self, path):
        Path(self.root + path).unlink()

    def unreadable(self, path):
        """A file that is there and can't be read, for root as for anybody: reading a directory is EISDIR."""
        place = Path(self.root + path)
        if place.exists():
            place.unlink()
        place.mkdir(parents=True)

    def process(self, pid, cgroup, start_time=1000, namespace_pids=None, name="sleep", uid=0, ppid=1, rss_kib=512):
        """``cgroup``: the text of /proc/PID/cgroup."""
        self.write(f"/proc/{pid}/cgroup", cgroup)
        self.write(f"/proc/{pid}/stat", stat_line(pid, name, ppid, start_time))
        inside = [pid, 1] if namespace_pids is None else namespace_pids
        self.write(
            f"/proc/{pid}/status",
            "Name:\t{0}\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t{1}\nPPid:\t{2}\nUid:\t{3}\t{3}\t{3}\t{3}\n"
            "NSpid:\t{4}\nVmRSS:\t{5:8} kB\nThreads:\t1".format(
                name, pid, ppid, uid, "\t".join(map(str, inside)), rss_kib
            ),
        )


def stat_line(pid, name, ppid, start_time):
    """proc_pid_stat(5): field 22 is the start time."""
    before = [ppid, pid, pid, 0, -1, 4194304, 101, 0, 0, 0, 0, 0, 0, 0, 20, 0, 1, 0]
    fields = " ".join(map(str, before))
    return f"{pid} ({name}) S {fields} {start_time} 3133440 128 18446744073709551615"


def host_files(tree, cgroup, mountinfo, memory_total_kib=24000000, swap_total_kib=0):
    """What is the same on every host."""
    tree.write("/proc/self/cgroup", cgroup)
    tree.write("/proc/self/mountinfo", "23 1 0:22 / /proc rw,nosuid - proc proc rw\n" + mountinfo)
    tree.write(
        "/proc/meminfo",
        f"MemTotal:       {memory_total_kib} kB\nMemFree:        1024 kB\n"
        f"SwapTotal:      {swap_total_kib} kB\nHugePages_Total:       0",
    )
    tree.write("/proc/sys/kernel/osrelease", "6.1.0-28-amd64")
    tree.link("/proc/self/ns/pid", INITIAL_PID_NAMESPACE)
    tree.link("/proc/self/ns/cgroup", INITIAL_CGROUP_NAMESPACE)


def unified_host(root, **totals):
    """A v2 host."""
    tree = Tree(root)
    host_files(tree, "0::/user.slice", MOUNTINFO_V2, **totals)
    tree.write("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma misc")
    tree.write("/sys/fs/cgroup/cgroup.procs", "1")
    tree.directory("/sys/fs/cgroup/system.slice", dict(V2, **{"cgroup.procs": ""}))
    return tree


def v1_mount(number, names, where):
    return f"{number} 31 0:{number} / /sys/fs/cgroup/{where} rw,nosuid shared:{number} - cgroup cgroup rw,{names}\n"


def legacy_host(root, unified=False, **totals):
    """A v1 host; ``unified``: with the v2 hierarchy beside it that systemd keeps there, which makes it hybrid."""
    tree = Tree(root)
    cgroup = "".join(f"{9 - i}:{names}:/user.slice\n" for i, names in enumerate(V1_HIERARCHIES))
    mountinfo = "".join(v1_mount(32 + i, names, names.replace("name=", "")) for i, names in enumerate(V1_HIERARCHIES))
    if unified:
        cgroup += "0::/user.slice\n"
        mountinfo += "41 31 0:41 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
        tree.write("/sys/fs/cgroup/unified/cgroup.controllers", "")
    host_files(tree, cgroup.rstrip("\n"), mountinfo, **totals)
    tree.directory("/sys/fs/cgroup/memory", MEMORY_V1)
    return tree


def hybrid_host(root, **totals):
    return legacy_host(root, unified=True, **totals)


def v2_container(tree, path, pid, figures=None, init=None, **process):
    """A container on a v2 host: its cgroup, and its init in it or in the sub-cgroup ``init``."""
    directory = "/sys/fs/cgroup" + path
    tree.directory(directory, dict(V2, **{"cgroup.procs": "" if init else pid}))
    tree.directory(directory, figures or {})
    if init:
        tree.directory(directory + init, dict(V2, **{"cgroup.procs": pid}))
    tree.process(pid, "0::" + path + (init or ""), **process)


def v1_container(tree, path, pid, figures=None, unified=False, **process):
    """A container on a v1 host: its cgroup in each hierarchy. ``figures``: {file name: content}, by their prefix."""
    contents = {
        "cpu,cpuacct": dict(CPU_V1, **{"cpuacct.usage": 1500999}),
        "cpuset": CPUSET_V1,
        "memory": MEMORY_V1,
        "pids": PIDS,
    }
    lines = []
    for i, names in enumerate(V1_HIERARCHIES):
        directory = "/sys/fs/cgroup/" + names.replace("name=", "") + path
        own = {name: content for name, content in (figures or {}).items() if name.split(".")[0] in names.split(",")}
        tree.directory(directory, dict(contents.get(names, {}), **own, **{"cgroup.procs": pid}))
        lines.append(f"{9 - i}:{names}:{path}")
    if unified:
        tree.directory("/sys/fs/cgroup/unified" + path, {"cgroup.procs": pid, "memory.pressure": V2["memory.pressure"]})
        lines.append("0::" + path)
    tree.process(pid, "\n".join(lines), **process)
