# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Docker's Engine API over its local socket: GET /info, /containers/json and /containers/ID/json, nothing else.

Unversioned paths: the engine answers in its own current version, and the fields read here are in all of them.
"""

from __future__ import annotations

from ..errors import EngineError
from .contract import Claim, Engine, EngineInfo, declare
from .http import Connection

_RUNNING = ("running", "paused", "restarting")


class Docker(Engine):
    name = "docker"

    def __init__(self, socket, timeout_seconds):
        self.socket = socket
        self._connection = Connection(socket, timeout_seconds)

    def info(self):
        info = self._get("/info", dict)
        return EngineInfo(self.name, info.get("ServerVersion"), self.socket, info.get("CgroupDriver"), True, None)

    def list(self, stopped):
        target = "/containers/json" + ("?all=1" if stopped else "")
        rows = self._get(target, list)
        return self._understood(
            target, lambda: {claim.id: claim for claim in (claim_of_row(row, self.name) for row in rows)}
        )

    def describe(self, container_id):
        target = f"/containers/{container_id}/json"
        document = self._get(target, dict, absent=True)
        return document and self._understood(target, lambda: claim_of_inspect(document, self.name))

    def close(self):
        self._connection.close()

    def _get(self, target, kind, absent=False):
        status, document = self._connection.get(target)
        if status == 404 and absent:
            return None
        if status != 200:
            message = document.get("message") if isinstance(document, dict) else document
            raise EngineError(f"GET {target} on {self.socket} answered {status}: {message}")
        if not isinstance(document, kind):
            raise self._nonsense(target, document)
        return document

    def _understood(self, target, read):
        try:
            return read()
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise self._nonsense(target, exc) from exc

    def _nonsense(self, target, what):
        return EngineError(f"GET {target} on {self.socket} answered what it should not: {what!r}"[:300])


def claim_of_row(row, engine):
    """A row of /containers/json."""
    names = row.get("Names") or []
    # A container that others link to has their aliases too: "/web", "/client/web".
    own = [name.lstrip("/") for name in names if name.count("/") == 1]
    return Claim(
        id=_required_text(row, "Id"),
        name=own[0] if own else None,
        engine=engine,
        image=row.get("Image"),
        state=row.get("State"),
        pid=None,
        labels=dict(row.get("Labels") or {}),
        declared=None,
    )


def claim_of_inspect(document, engine):
    """The answer of /containers/ID/json."""
    state, config, host = document["State"], document["Config"], document["HostConfig"]
    return Claim(
        id=_required_text(document, "Id"),
        name=document["Name"].lstrip("/"),
        engine=engine,
        image=config.get("Image"),
        state=state["Status"],
        pid=int(state["Pid"]) if state["Status"] in _RUNNING and state.get("Pid") else None,
        labels=dict(config.get("Labels") or {}),
        declared=declare(
            memory_bytes=host.get("Memory") or None,
            memory_swap_bytes=host.get("MemorySwap") or None,
            memory_reservation_bytes=host.get("MemoryReservation") or None,
            cpus=_cpus(host),
            cpu_quota_usec=host.get("CpuQuota") or None,
            cpu_period_usec=host.get("CpuPeriod") or None,
            cpu_shares=host.get("CpuShares") or None,
            cpuset_cpus=host.get("CpusetCpus") or None,
            pids_limit=_positive(host.get("PidsLimit")),
            oom_kill_disabled=host.get("OomKillDisable"),
            cgroup_parent=host.get("CgroupParent") or None,
        ),
    )


def _cpus(host):
    if host.get("NanoCpus"):
        return host["NanoCpus"] / 1e9
    if _positive(host.get("CpuQuota")):
        return host["CpuQuota"] / float(host.get("CpuPeriod") or 100000)
    return None


def _positive(value):
    """Docker writes "no limit" as null, 0 or -1."""
    return value if value and value > 0 else None


def _required_text(document, key):
    value = document[key]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is {value!r}")
    return value
