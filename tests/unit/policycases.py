# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test-bench of a policy: a check, a container, and what the one says of the other, for test_checks.py."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.fathom.containers.tests.unit.auditrecords import GIB, MIB, mount, namespace


class Case(NamedTuple):
    """A check ``section.check`` that wants something, of a record and a host with some ``changes``.

    ``beside``: what else the section says. ``enforced`` and ``reason``: a part of that text of the finding.
    """

    check: str
    wanted: Any
    status: str
    enforced: Any = None
    changes: Any = None
    host: Any = None
    beside: Any = None
    reason: Any = None


UNLIMITED = {
    "limit_state": "unlimited",
    "limit_bytes": None,
    "effective_limit_bytes": 8 * GIB,
    "effective_limit_source": "host",
}
# An own limit above all that the host has.
VAST = {"limit_bytes": 64 * GIB, "effective_limit_bytes": 8 * GIB, "effective_limit_source": "host"}
# The slice above has less.
BELOW = {"effective_limit_bytes": 128 * MIB, "effective_limit_source": "/small.slice"}
# Of a cgroup above, the limit can't be read.
HIDDEN = {"effective_limit_bytes": None, "effective_limit_source": None}
NOTHING = {"limit_state": "unknown", "limit_bytes": None, **HIDDEN}
SHARED_CGROUP = {"own": False, "path": "/"}

MEMORY = [
    Case("memory.limited", True, "pass", "256 MiB"),
    Case("memory.limited", True, "pass", "128 MiB, set by /small.slice", {"memory": {**UNLIMITED, **BELOW}}),
    Case("memory.limited", True, "fail", "no limit, so the host's 8 GiB", {"memory": UNLIMITED}),
    Case("memory.limited", True, "fail", "64 GiB, so the host's 8 GiB", {"memory": VAST}),
    Case("memory.limited", True, "unknown", "256 MiB", {}, {"memory_total_bytes": None}),
    Case("memory.limited", True, "unknown", None, {"memory": HIDDEN}),
    Case("memory.limited", True, "unknown", None, {"memory": None}),
    Case("memory.limited", False, "pass", "no limit", {"memory": UNLIMITED}),
    Case("memory.limited", False, "fail", "256 MiB"),
    Case("memory.limited", False, "unknown", None, {"memory": NOTHING}),
    Case("memory.min", "256MiB", "pass", "256 MiB"),
    Case("memory.min", "256MiB", "pass", "no limit", {"memory": UNLIMITED}),
    Case("memory.min", "16GiB", "fail", "no limit, so the host's 8 GiB", {"memory": UNLIMITED}),
    Case("memory.min", "256MiB", "fail", "128 MiB, set by /small.slice", {"memory": BELOW}),
    Case("memory.min", "512MiB", "fail", None, {"memory": HIDDEN}),
    Case("memory.min", "256MiB", "unknown", None, {"memory": HIDDEN}),
    Case("memory.max", "256MiB", "pass", "256 MiB"),
    Case("memory.max", "255MiB", "fail", "256 MiB"),
    Case("memory.max", "200MiB", "pass", "128 MiB", {"memory": BELOW}),
    Case("memory.max", "16GiB", "fail", "no limit", {"memory": UNLIMITED}),
    Case("memory.max", "1GiB", "pass", None, {"memory": HIDDEN}),
    Case("memory.max", "100MiB", "unknown", None, {"memory": HIDDEN}),
    Case("memory.max", "1GiB", "unknown", None, {"memory": NOTHING}),
    Case("memory.limit", "256MiB", "pass", "256 MiB"),
    Case("memory.limit", 256 * MIB + 4095, "pass", "256 MiB"),
    Case("memory.limit", "255MiB", "fail", "256 MiB"),
    Case("memory.limit", "256MiB", "fail", "128 MiB, set by /small.slice", {"memory": BELOW}),
    Case("memory.limit", "64GiB", "pass", "64 GiB", {"memory": VAST}),
    Case("memory.limit", "unlimited", "pass", "no limit", {"memory": UNLIMITED}),
    Case("memory.limit", "unlimited", "fail", "256 MiB"),
    Case("memory.limit", "256MiB", "unknown", None, {"memory": HIDDEN}),
    Case("memory.limit", "256MiB", "unknown", None, {"memory": NOTHING}),
    Case("memory.swap", 0, "pass", "0 B"),
    Case("memory.swap", "1MiB", "fail", "0 B"),
    Case(
        "memory.swap",
        "unlimited",
        "pass",
        "no limit",
        {"memory": {"swap_limit_state": "unlimited", "swap_limit_bytes": None}},
    ),
    Case(
        "memory.swap", 0, "fail", "counts no swap", {"memory": {"swap_limit_state": "absent", "swap_limit_bytes": None}}
    ),
    Case("memory.swap", 0, "unknown", None, {"memory": {"swap_limit_state": "unknown", "swap_limit_bytes": None}}),
    Case("memory.reservation", "64MiB", "pass", "64 MiB"),
    Case("memory.reservation", 0, "fail", "64 MiB"),
    Case("memory.reservation", "unlimited", "pass", "no reservation", {"memory": {"reservation_bytes": 0}}),
    Case("memory.reservation", 0, "unknown", None, {"memory": {"reservation_bytes": None}}),
    Case("memory.usage_below", 80, "pass", "12.5% (32 MiB of 256 MiB)"),
    Case("memory.usage_below", 12.5, "fail", "12.5%"),
    Case("memory.usage_below", 80, "fail", "(32 MiB of 0 B)", {"memory": {"effective_limit_bytes": 0}}),
    Case("memory.usage_below", 80, "unknown", None, {"memory": {"working_set_bytes": None}}),
    Case("memory.usage_below", 80, "unknown", None, {"memory": HIDDEN}),
    Case("memory.no_oom_kills", True, "pass", "0 killed"),
    Case("memory.no_oom_kills", True, "fail", "2 killed", {"memory": {"oom_kills": 2}}),
    Case("memory.no_oom_kills", True, "unknown", None, {"memory": {"oom_kills": None}}),
    Case(
        "memory.no_oom_kills",
        True,
        "unknown",
        "2 killed",
        {"memory": {"oom_kills": 2, "own": False}},
        reason="its cgroup is shared with others",
    ),
]

CPUSET = [{"path": "/sys/fs/cgroup/a/cpuset.cpus.effective", "reason": "Permission denied"}]
FREE = {"limit_state": "unlimited", "limit_cpus": None, "quota_usec": None}
CPU_AND_PIDS = [
    Case("cpu.limited", True, "pass", "0.5 CPUs"),
    Case("cpu.limited", True, "fail", "no limit", {"cpu": FREE}),
    Case("cpu.limited", True, "pass", "1 CPUs", {"cpu": {**FREE, "cpuset_cpus": "2"}}),
    Case("cpu.limited", True, "unknown", None, {"cpu": {**FREE, "cpuset_cpus": "2"}}, {"cpus": None}),
    Case("cpu.limited", True, "unknown", None, {"cpu": {**FREE, "cpuset_cpus": None}, "unreadable": CPUSET}),
    Case("cpu.limited", True, "fail", "no limit", {"cpu": {**FREE, "cpuset_cpus": None}}),
    Case("cpu.limited", True, "pass", "0.5 CPUs", {"cpu": {"cpuset_cpus": None}, "unreadable": CPUSET}),
    Case("cpu.limited", False, "unknown", None, {"cpu": {**FREE, "cpuset_cpus": None}, "unreadable": CPUSET}),
    Case("cpu.limited", True, "unknown", None, {"cpu": {**FREE, "limit_state": "unknown"}}),
    Case("cpu.limited", True, "unknown", None, {"cpu": None}),
    Case("cpu.limited", False, "pass", "no limit", {"cpu": FREE}),
    Case("cpu.limited", False, "fail", "0.5 CPUs"),
    Case("cpu.limited", False, "unknown", None, {"cpu": {**FREE, "limit_state": "unknown"}}),
    Case("cpu.max", 0.5, "pass", "0.5 CPUs"),
    Case("cpu.max", 0.4, "fail", "0.5 CPUs"),
    Case("cpu.max", 4, "fail", "no limit", {"cpu": FREE}),
    Case("cpu.max", 2, "pass", "2 CPUs", {"cpu": {**FREE, "limit_state": "unknown", "cpuset_cpus": "0,3"}}),
    Case("cpu.max", 1, "unknown", "2 CPUs", {"cpu": {**FREE, "limit_state": "unknown", "cpuset_cpus": "0,3"}}),
    Case("cpu.prioritised", True, "pass", "50"),
    Case("cpu.prioritised", True, "fail", "100 (the default)", {"cpu": {"weight": 100}}),
    Case("cpu.prioritised", True, "fail", "1024 (the default)", {"cpu": {"weight": None, "shares": 1024}}),
    Case("cpu.prioritised", True, "pass", "512", {"cpu": {"weight": None, "shares": 512}}),
    Case("cpu.prioritised", True, "unknown", None, {"cpu": {"weight": None}}),
    Case("pids.limited", True, "pass", "64"),
    Case("pids.limited", True, "fail", "no limit", {"pids": {"limit_state": "unlimited", "limit": None}}),
    Case("pids.limited", True, "unknown", None, {"pids": {"limit_state": "unknown", "limit": None}}),
    Case("pids.limited", False, "fail", "64"),
    Case("pids.limited", True, "fail", "64, which is all that the host has", {}, {"pid_max": 64}),
    Case("pids.limited", False, "pass", "64, which is all that the host has", {}, {"pid_max": 64}),
    Case("pids.limited", True, "pass", "64", {}, {"pid_max": 65}),
    Case("pids.max", 64, "pass", "64"),
    Case("pids.max", 63, "fail", "64"),
    Case("pids.max", 64, "fail", "no limit", {"pids": {"limit_state": "unlimited", "limit": None}}),
    Case("pids.max", 64, "unknown", None, {"pids": None}),
]

HOSTS = namespace(shared_with_host=True)
WITH_DB = namespace(shared_with=["db"])
# It can't be told whether another container is in it.
SOLITARY = namespace(shared_with=None)
UNREADABLE = namespace(shared_with_host=None, shared_with=None, inode=None)
NAMESPACES = [
    Case("namespaces.private", ["pid", "net"], "pass", "pid of its own; net of its own"),
    Case("namespaces.private", ["pid", "net"], "fail", "net of the host", {"namespaces": {"net": HOSTS}}),
    Case("namespaces.private", ["ipc"], "fail", "ipc shared with db", {"namespaces": {"ipc": WITH_DB}}),
    Case("namespaces.private", ["ipc"], "unknown", None, {"namespaces": {"ipc": SOLITARY}}),
    Case("namespaces.private", ["ipc"], "unknown", None, {"namespaces": {"ipc": UNREADABLE}}),
    Case(
        "namespaces.private",
        ["ipc", "net"],
        "fail",
        "net of the host",
        {"namespaces": {"ipc": UNREADABLE, "net": HOSTS}},
    ),
    Case(
        "namespaces.private",
        ["cgroup"],
        "fail",
        "cgroup of the host",
        {"namespaces": {"cgroup": HOSTS}},
        {"mode": "hybrid"},
    ),
    Case(
        "namespaces.private",
        ["ipc"],
        "pass",
        "ipc shared with db",
        {"namespaces": {"ipc": WITH_DB}},
        beside={"allow_shared_with": ["d?"]},
    ),
    Case(
        "namespaces.private",
        ["ipc"],
        "fail",
        "ipc shared with db, other",
        {"namespaces": {"ipc": namespace(shared_with=["db", "other"])}},
        beside={"allow_shared_with": ["db"]},
    ),
    Case("namespaces.not_shared_with_host", ["net"], "pass", "net of its own"),
    Case("namespaces.not_shared_with_host", ["net"], "pass", "net shared with db", {"namespaces": {"net": WITH_DB}}),
    Case("namespaces.not_shared_with_host", ["net"], "fail", "net of the host", {"namespaces": {"net": HOSTS}}),
    Case("namespaces.not_shared_with_host", ["net"], "unknown", None, {"namespaces": {"net": UNREADABLE}}),
    Case("namespaces.not_shared_with_host", ["net"], "unknown", None, {"namespaces": None}),
    Case("namespaces.not_shared_with_containers", ["net"], "pass", "net of its own"),
    Case("namespaces.not_shared_with_containers", ["net"], "pass", "net of the host", {"namespaces": {"net": HOSTS}}),
    Case(
        "namespaces.not_shared_with_containers", ["net"], "fail", "net shared with db", {"namespaces": {"net": WITH_DB}}
    ),
    Case("namespaces.not_shared_with_containers", ["net"], "unknown", None, {"namespaces": {"net": SOLITARY}}),
    Case("namespaces.shared_with_host", [], "pass", "pid of its own"),
    Case("namespaces.shared_with_host", [], "pass", "pid of its own", {"namespaces": {"time": HOSTS}}),
    Case("namespaces.shared_with_host", [], "fail", "user of the host", {"namespaces": {"user": HOSTS}}),
    Case("namespaces.shared_with_host", ["user"], "pass", "pid of its own", {"namespaces": {"user": HOSTS}}),
    Case("namespaces.shared_with_host", [], "fail", "cgroup of the host", {"namespaces": {"cgroup": HOSTS}}),
    Case("namespaces.shared_with_host", [], "pass", "", {"namespaces": {"cgroup": HOSTS}}, {"mode": "hybrid"}),
    Case("namespaces.shared_with_host", ["net"], "unknown", None, {"namespaces": {"mnt": UNREADABLE}}),
]


def capabilities(*bounding, **more):
    return {"security": {"capabilities_effective": [], "capabilities_bounding": list(bounding), **more}}


def mapped(uid, gid=((0, 100000, 65536),)):
    maps = {"uid": uid, "gid": gid}
    return {
        "user_map": {
            kind: ranges and [dict(zip(("inside", "outside", "count"), one)) for one in ranges]
            for kind, ranges in maps.items()
        }
    }


OF_THE_HOST = {"namespaces": {"user": HOSTS}}
SECURITY = [
    Case("security.not_privileged", True, "pass", "1 of the host's 3 capabilities withheld, seccomp filter"),
    Case(
        "security.not_privileged",
        True,
        "fail",
        "every capability, seccomp disabled",
        {**capabilities("CAP_CHOWN", "CAP_KILL", "CAP_SYS_ADMIN", seccomp="disabled"), **OF_THE_HOST},
    ),
    Case(
        "security.not_privileged",
        True,
        "pass",
        "every capability over its own user namespace, seccomp disabled",
        capabilities("CAP_CHOWN", "CAP_KILL", "CAP_SYS_ADMIN", seccomp="disabled"),
    ),
    Case(
        "security.not_privileged",
        True,
        "unknown",
        "every capability",
        {**capabilities("CAP_CHOWN", "CAP_KILL", "CAP_SYS_ADMIN"), "namespaces": {"user": UNREADABLE}},
    ),
    Case(
        "security.not_privileged",
        True,
        "fail",
        "every capability",
        {**capabilities("CAP_CHOWN", "CAP_KILL", "CAP_SYS_ADMIN"), **OF_THE_HOST},
        {"capabilities": ["CAP_CHOWN", "CAP_KILL", "CAP_SYS_ADMIN", "CAP_PERFMON", "CAP_BPF"]},
    ),
    Case(
        "security.not_privileged",
        True,
        "pass",
        "1 of the host's 3 capabilities withheld",
        capabilities("CAP_CHOWN", "CAP_KILL"),
        {"capabilities": ["CAP_CHOWN", "CAP_KILL", "CAP_BPF"]},
    ),
    Case("security.not_privileged", True, "unknown", None, {"security": None}),
    Case("security.not_privileged", True, "unknown", None, {}, {"capabilities": None}),
    Case("security.no_new_privileges", True, "pass", "barred"),
    Case("security.no_new_privileges", True, "fail", "not barred", {"security": {"no_new_privileges": False}}),
    Case("security.no_new_privileges", True, "unknown", None, {"security": {"no_new_privileges": None}}),
    Case("security.seccomp", True, "pass", "filter"),
    Case("security.seccomp", True, "fail", "disabled", {"security": {"seccomp": "disabled"}}),
    Case("security.seccomp", True, "unknown", None, {"security": {"seccomp": None}}),
    Case("security.apparmor", True, "pass", "docker-default (enforce)"),
    Case(
        "security.apparmor", True, "fail", "unconfined", {"security": {"apparmor": "unconfined", "apparmor_mode": None}}
    ),
    Case("security.apparmor", True, "fail", "docker-default (complain)", {"security": {"apparmor_mode": "complain"}}),
    Case("security.apparmor", True, "unknown", None, {"security": {"apparmor": None, "apparmor_mode": None}}),
    Case("security.apparmor", True, "not_applicable", None, {}, {"security_modules": ["selinux"]}),
    Case("security.apparmor", True, "unknown", None, {}, {"security_modules": None}),
    Case("security.selinux", True, "pass", "container_t"),
    Case("security.selinux", True, "fail", "spc_t", {"security": {"selinux": "system_u:system_r:spc_t:s0"}}),
    Case("security.selinux", True, "unknown", None, {"security": {"selinux": None}}),
    Case("security.selinux", True, "unknown", "kernel", {"security": {"selinux": "kernel"}}),
    Case("security.selinux", True, "not_applicable", None, {}, {"security_modules": []}),
    Case("security.capabilities", ["CHOWN", "KILL"], "pass", "2 of those"),
    Case("security.capabilities", [], "pass", "0 of those", capabilities()),
    Case("security.capabilities", ["KILL"], "fail", "also CAP_CHOWN"),
    Case("security.capabilities", ["CHOWN", "KILL"], "fail", "also CAP_41", capabilities("CAP_CHOWN", "CAP_41")),
    Case("security.capabilities", ["CHOWN", "KILL"], "unknown", None, {"security": {"capabilities_bounding": None}}),
    Case("security.user_mapped", True, "pass", "0 is 100000 outside"),
    Case("security.user_mapped", True, "pass", "0 is 1000 outside", mapped([(0, 1000, 1), (1, 100000, 65536)])),
    Case("security.user_mapped", True, "fail", "its user 0 is root's", mapped([(0, 0, 4294967295)])),
    Case("security.user_mapped", True, "fail", "its user 0 is root's", mapped([(0, 0, 65536)])),
    Case("security.user_mapped", True, "fail", "user 1000 is root's", mapped([(0, 100000, 9), (1000, 0, 1)])),
    Case("security.user_mapped", True, "fail", "its group 0 is root's", mapped([(0, 100000, 9)], [(0, 0, 9)])),
    Case("security.user_mapped", True, "fail", "its user 0 is root's", mapped([(0, 0, 1)], None)),
    Case("security.user_mapped", True, "unknown", None, mapped([], [])),
    Case("security.user_mapped", True, "unknown", "0 is 1000", mapped([(0, 1000, 1)], [])),
    Case("security.user_mapped", True, "unknown", None, mapped(None, None)),
]


def mounts(*given, **more):
    return {"mounts": list(given), **more}


SOCKET = mount("/run/docker.sock", "/x", fstype="tmpfs")
ELSEWHERE = [
    {"name": "docker", "reachable": True, "error": None, "socket": "/srv/docker.sock"},
    {"name": "podman", "reachable": True, "error": None, "socket": "/run/podman/podman.sock"},
]
MOUNTS = [
    Case("security.read_only_root", True, "pass", "read-only (overlay)"),
    Case("security.read_only_root", True, "fail", "writable (overlay)", {"root_mount": {"read_only": False}}),
    Case("security.read_only_root", True, "unknown", None, {"root_mount": None}),
    Case("security.forbidden_mounts", ["/etc"], "pass", "none of those"),
    Case("security.forbidden_mounts", ["/etc"], "pass", "none of those", mounts(mount("/etc/hosts"))),
    Case("security.forbidden_mounts", ["/etc/*"], "fail", "/etc/hosts on /mnt (writable)", mounts(mount("/etc/hosts"))),
    # With a directory comes what is in it.
    Case("security.forbidden_mounts", ["/etc/ssh/*"], "fail", "/etc on /mnt (writable)", mounts(mount("/etc"))),
    Case("security.forbidden_mounts", ["/etc/ssh/*"], "fail", "/ on /mnt (writable)", mounts(mount("/"))),
    Case("security.forbidden_mounts", ["/etc/ssh/*"], "pass", "none of those", mounts(mount("/etc/ss"))),
    Case(
        "security.forbidden_mounts",
        ["/etc/*"],
        "fail",
        "/etc/b on /mnt (writable); /etc/a on /mnt (read-only)",
        mounts(mount("/etc/a", read_only=True), mount("/etc/b")),
    ),
    *(
        Case(
            "security.forbidden_mounts", [path], status, None, mounts(mount("/srv/docker.sock")), {"engines": ELSEWHERE}
        )
        for path, status in (
            ("/var/run/docker.sock", "fail"),
            ("/run/docker.sock", "fail"),
            ("/run/podman/podman.sock", "pass"),
            ("/run/other.sock", "pass"),
        )
    ),
    Case("security.forbidden_mounts", ["/home/*/.ssh"], "fail", "/home on /mnt", mounts(mount("/home"))),
    Case("security.forbidden_mounts", ["/home/*/.ssh"], "fail", "/home/ann on /mnt", mounts(mount("/home/ann"))),
    Case("security.forbidden_mounts", ["/home/*/.ssh"], "fail", "/home/ann/.ssh", mounts(mount("/home/ann/.ssh"))),
    Case("security.forbidden_mounts", ["/home/*/.ssh"], "pass", "none of those", mounts(mount("/home/ann/srv"))),
    Case("security.forbidden_mounts", ["/var/lib/*"], "fail", "/var/lib/docker/containers/1/hosts on /etc/hosts"),
    Case("security.forbidden_mounts", ["/var/lib/docker/overlay2/*"], "pass", "none of those"),
    Case("security.forbidden_mounts", ["/var/run/docker.sock"], "fail", "/run/docker.sock on /x", mounts(SOCKET)),
    Case("security.forbidden_mounts", ["/var/run/docker.sock"], "fail", "/run on /r", mounts(mount("/run", "/r"))),
    Case(
        "security.forbidden_mounts",
        ["/etc"],
        "fail",
        "/ on /host (read-only)",
        mounts(mount("/", "/host", read_only=True)),
    ),
    Case("security.forbidden_mounts", ["/"], "pass", "none of those", mounts(mount("/etc"))),
    Case("security.forbidden_mounts", ["/"], "fail", "/ on / (writable)", mounts(mount("/", "/"))),
    Case("security.forbidden_mounts", ["/sys"], "fail", "/sys on /sys", mounts(mount("/sys", "/sys", fstype="sysfs"))),
    Case(
        "security.forbidden_mounts",
        ["/sys"],
        "pass",
        "none of those",
        {**mounts(mount("/sys", "/sys", fstype="sysfs")), "namespaces": {"net": HOSTS}},
    ),
    Case(
        "security.forbidden_mounts",
        ["/sys"],
        "fail",
        "/sys on /host/sys",
        {**mounts(mount("/sys", "/host/sys", fstype="sysfs")), "namespaces": {"net": HOSTS}},
    ),
    Case("security.forbidden_mounts", ["/etc"], "unknown", None, {"mounts": None, "mounts_truncated": None}),
    Case("security.forbidden_mounts", ["/etc"], "unknown", None, {"mounts_truncated": True}),
    Case("security.forbidden_mounts", ["/etc"], "unknown", None, {}, {"mounts_known": False}),
    Case("security.forbidden_mounts", ["/etc"], "fail", "/etc on /mnt", mounts(mount("/etc"), mounts_truncated=True)),
    Case("security.private_mounts", True, "pass", "none shared"),
    Case(
        "security.private_mounts",
        True,
        "fail",
        "/srv on /mnt (writable), shared",
        mounts(mount("/srv", reaches_host=True)),
    ),
    Case("security.private_mounts", True, "unknown", None, mounts(mount("/srv", reaches_host=None))),
    Case("security.private_mounts", True, "unknown", None, {"mounts": None}),
    Case("security.private_mounts", True, "unknown", None, {}, {"mounts_known": False}),
]

DRIFTED = [{"setting": "memory_bytes", "declared": 1, "enforced": 2}]
AFTER = [{"setting": "swap_bytes", "enforced": 0, "after_reload": "unlimited"}]
DOWN = {"engines": [{"name": "docker", "reachable": False, "error": "it hangs"}]}
UNLISTED = {"engine_known": False, "name": None, "image": None, "declared": None, "isolation": None}
USERS_MANAGER = "/user.slice/user-1000.slice/user@1000.service"
ORIGIN = [
    Case("cgroup.default_parent", True, "pass", "/system.slice"),
    Case("cgroup.default_parent", True, "pass", "/docker", {"memory": {"path": "/docker/1"}}),
    Case("cgroup.default_parent", True, "fail", "/a.slice/x/docker", {"memory": {"path": "/a.slice/x/docker/1"}}),
    Case(
        "cgroup.default_parent",
        True,
        "pass",
        "/lxc/x/docker",
        {"memory": {"path": "/lxc/x/docker/1"}, "nested_in": "x"},
    ),
    Case("cgroup.default_parent", True, "fail", "/user.slice", {"memory": {"path": "/user.slice/docker-1.scope"}}),
    *(
        Case("cgroup.default_parent", True, status, parent, {"engine": "podman", "memory": {"path": parent + own}})
        for status, parent, own in (
            ("pass", "/machine.slice/machine-libpod_pod_a.slice", "/libpod-1.scope"),
            ("pass", "/libpod_parent", "/libpod-1"),
            ("pass", "/system.slice/web.service", "/libpod-payload-1"),
            ("pass", f"{USERS_MANAGER}/app.slice/web.service", "/libpod-payload-1"),
            ("pass", f"{USERS_MANAGER}/user.slice/user-libpod_pod_a.slice", "/libpod-1.scope"),
            ("fail", "/system.slice/web.service", "/libpod-1.scope"),
            ("fail", "/mine/machine.slice", "/libpod-1.scope"),
        )
    ),
    Case(
        "cgroup.default_parent",
        True,
        "pass",
        "machine.slice",
        {"engine": "podman", "memory": {"path": "/machine.slice/1"}},
    ),
    Case(
        "cgroup.default_parent",
        True,
        "pass",
        f"{USERS_MANAGER}/user.slice",
        {"memory": {"path": f"{USERS_MANAGER}/user.slice/docker-1.scope/container"}},
    ),
    Case("cgroup.default_parent", True, "fail", "/mine", {"memory": {"path": "/mine/1"}}),
    Case("cgroup.default_parent", True, "fail", "/", {"memory": {"path": "/1"}}),
    Case("cgroup.default_parent", True, "fail", "no cgroup of its own, but /", {"memory": SHARED_CGROUP}),
    Case("cgroup.default_parent", True, "unknown", None, {"memory": {"path": None}}),
    Case(
        "cgroup.default_parent",
        True,
        "unknown",
        None,
        {"engine": "lxc"},
        reason="it is not known where its engine makes cgroups by default",
    ),
    Case("drift.none", True, "pass", "the same"),
    Case("drift.none", True, "fail", "memory_bytes 2", {"drift": DRIFTED}),
    Case("drift.none", True, "unknown", None, {"drift": None}, reason="no engine tells what it declared for it"),
    Case("drift.none_after_reload", True, "pass", "the same"),
    Case("drift.none_after_reload", True, "fail", "swap_bytes 0", {"reload_drift": AFTER}),
    Case("drift.none_after_reload", True, "unknown", None, {"reload_drift": None}),
    Case("drift.none_after_reload", True, "unknown", None, {"systemd": None, "reload_drift": None}),
    Case(
        "drift.none_after_reload",
        True,
        "not_applicable",
        None,
        {"systemd": None, "reload_drift": None, "memory": {"path": "/docker/1"}},
    ),
    Case("engine.known", True, "pass", "it runs"),
    Case("engine.known", True, "fail", "it runs", {**UNLISTED, "engine": "unknown"}),
    Case("engine.known", True, "fail", "it runs", UNLISTED),
    Case("engine.known", True, "unknown", "it runs", UNLISTED, DOWN, reason="docker can't be asked"),
    Case(
        "engine.known",
        True,
        "unknown",
        "it runs",
        {**UNLISTED, "engine": "unknown"},
        DOWN,
        reason="docker can't be asked",
    ),
    Case("engine.known", True, "unknown", "it runs", {**UNLISTED, "engine": "lxc"}, reason="lxc is not asked"),
    Case(
        "engine.known",
        True,
        "unknown",
        "it runs",
        {**UNLISTED, "nested_in": "a"},
        reason="its engine runs in a container",
    ),
    Case("image.allowed", ["goweb:*"], "pass"),
    Case("image.allowed", ["nginx:*"], "fail"),
    Case("image.allowed", ["*"], "unknown", None, {"image": None}, reason="no engine tells its image"),
]

CASES = MEMORY + CPU_AND_PIDS + NAMESPACES + SECURITY + MOUNTS + ORIGIN
