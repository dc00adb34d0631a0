# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Docker's Engine API over its local socket: GET /info, /containers/json and /containers/ID/json to read, and to
change something POST /containers/ID/update alone.

Unversioned paths: the engine answers in its own current version, and the fields read here are in all of them.
"""

from __future__ import annotations

import os
import re

from ..errors import EngineError, RefusedError
from ..kernel.files import UNLIMITED, or_unlimited
from .contract import FULL_ID, RUNNING, Claim, Engine, EngineInfo, declare
from .http import Connection
from .isolation import isolation_of_inspect

_ID = re.compile(FULL_ID + r"\Z")
_LONGEST_MESSAGE = 500
_INFO = "/info"

# The smallest that it takes, of a limit and of a reservation.
_LEAST_BYTES = 6 << 20
_STAYS = "can't take back a reservation that it has noted, on cgroup v2; a smaller one, of at least 6 MiB, it can note"


class Docker(Engine):
    name = "docker"
    started_by = "systemctl start docker"
    smallest_memory_bytes = _LEAST_BYTES

    """``uid``: of the ordinary user whose engine it is, None for root's."""

    def __init__(self, socket, timeout_seconds, uid=None):
        self.socket = socket
        self._uid = uid
        self._connection = Connection(socket, timeout_seconds, uid)

    def info(self):
        info = self._get(_INFO, dict)
        version, driver = self._understood(_INFO, lambda: (_text(info, "ServerVersion"), _text(info, "CgroupDriver")))
        return EngineInfo(self.name, version, self.socket, driver, True, None)

    def list(self, stopped):
        target = "/containers/json" + ("?all=1" if stopped else "")
        rows = self._get(target, list)
        return self._understood(
            target, lambda: {claim.id: claim for claim in (claim_of_row(row, self.name) for row in rows)}
        )

    def expect(self, container_ids, itself):
        self._connection.expect([*map(_target, container_ids), *([_INFO] if itself else [])])

    def describe(self, container_id):
        target = _target(container_id)
        document = self._get(target, dict, absent=True)
        if document is None:
            return None
        claim = self._understood(target, lambda: claim_of_inspect(document, self.name))
        # A user could name any process of the host; the kernel tells which are the container's.
        return claim if self._uid is None else claim._replace(pid=None)

    def read(self, target, understand):
        document = self._get(target, (dict, list), absent=True)
        return None if document is None else self._understood(target, lambda: understand(document))

    def objection(self, settings, memory_version, runs):  # noqa: ARG002
        reservation = settings.memory_reservation_bytes
        if settings.memory_bytes < _LEAST_BYTES:
            return f"accepts no limit of memory below 6 MiB, and {settings.memory_bytes} bytes are wanted"
        if reservation and reservation < _LEAST_BYTES:
            return f"accepts no reservation below 6 MiB, and {reservation} bytes are wanted"
        if reservation == 0 and memory_version != 1:
            return _STAYS
        return None

    def update(self, claim, settings):
        document = {
            # Without both it refuses some limits, and resets swap on cgroup v2. It has no word to lift one of memory,
            # so that one is raised as far as the kernel counts.
            "Memory": _highest() if settings.memory_bytes == UNLIMITED else settings.memory_bytes,
            "MemorySwap": -1 if settings.memory_swap_bytes == UNLIMITED else settings.memory_swap_bytes,
        }
        reservation = settings.memory_reservation_bytes
        if reservation:
            document["MemoryReservation"] = reservation
        elif reservation == 0 and claim.declared["memory_reservation_bytes"] is not None:
            # To the runtime this is the largest, which on v1 is none and on v2 protects all that the container has.
            if self._get(_INFO, dict).get("CgroupVersion", "1") != "1":
                raise EngineError(f"{self.name} {_STAYS}")
            document["MemoryReservation"] = -1
        target = f"/containers/{claim.id}/update"
        answer = self._post(target, document)
        return self._understood(target, lambda: [str(text) for text in answer.get("Warnings") or []])

    def again(self):
        return type(self)(self.socket, self._connection.timeout_seconds, self._uid)

    def close(self):
        self._connection.close()

    def _get(self, target, kind, absent=False):
        status, document = self._connection.get(target)
        if status == 404 and absent:
            return None
        if status != 200:
            raise self._refused(f"GET {target}", status, document)
        if not isinstance(document, kind):
            raise self._nonsense(target, document)
        return document

    def _post(self, target, document):
        status, answer = self._connection.post(target, document)
        if not 200 <= status < 300:
            raise self._refused(f"POST {target}", status, answer)
        return answer

    def _refused(self, question, status, answer):
        message = answer.get("message") if isinstance(answer, dict) else answer
        return RefusedError(f"{question} on {self.socket} answered {status}: {str(message)[:_LONGEST_MESSAGE]!r}")

    def _understood(self, target, read):
        try:
            return read()
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise self._nonsense(target, exc) from exc

    def _nonsense(self, target, what):
        return EngineError(f"{target} on {self.socket} answered what it should not: {what!r}"[:300])


def _target(container_id):
    return f"/containers/{container_id}/json"


def _highest():
    """What the kernel counts to: the largest whole page below 2^63 bytes."""
    page_size_bytes = os.sysconf("SC_PAGE_SIZE")
    return (2**63 - 1) // page_size_bytes * page_size_bytes


def claim_of_row(row, engine):
    """A row of /containers/json."""
    names = row.get("Names") or []
    # A container that others link to has their aliases too: "/web", "/client/web".
    own = [name.lstrip("/") for name in names if name.count("/") == 1]
    return Claim(
        id=_id(row),
        name=own[0] if own else None,
        engine=engine,
        image=_text(row, "Image"),
        state=_text(row, "State"),
        pid=None,
        labels=_labels(row),
        declared=None,
        image_id=_text(row, "ImageID"),
    )


def claim_of_inspect(document, engine):
    """The answer of /containers/ID/json."""
    state, config, host = document["State"], document["Config"], document["HostConfig"]
    return Claim(
        id=_id(document),
        name=document["Name"].lstrip("/"),
        engine=engine,
        image=_text(config, "Image"),
        state=_text(state, "Status"),
        pid=_integer(state, "Pid") if state["Status"] in RUNNING else None,
        labels=_labels(config),
        declared=declare(
            memory_bytes=_positive(_limit(host, "Memory")),
            memory_swap_bytes=_limit(host, "MemorySwap"),
            memory_reservation_bytes=_positive(_limit(host, "MemoryReservation")),
            cpus=_cpus(host),
            cpu_quota_usec=_integer(host, "CpuQuota"),
            cpu_period_usec=_integer(host, "CpuPeriod"),
            cpu_shares=_integer(host, "CpuShares"),
            cpuset_cpus=_text(host, "CpusetCpus"),
            pids_limit=_positive(_integer(host, "PidsLimit")),
            oom_kill_disabled=_typed(host, "OomKillDisable", bool),
            cgroup_parent=_text(host, "CgroupParent"),
        ),
        isolation=isolation_of_inspect(document),
        image_id=_text(document, "Image"),
    )


def _cpus(host):
    nano_cpus, quota = _integer(host, "NanoCpus"), _positive(_integer(host, "CpuQuota"))
    if nano_cpus:
        return nano_cpus / 1e9
    return quota and quota / float(_integer(host, "CpuPeriod") or 100000)


def _positive(value):
    """Docker writes "no limit" as null, 0 or -1."""
    return value if value and value > 0 else None


def _id(document):
    value = document["Id"]
    if not _ID.match(value):
        raise ValueError(f"Id is {value!r}")
    return value


def _labels(document):
    return dict(_typed(document, "Labels", dict) or {})


def _integer(document, key):
    """None for null and for 0, which is Docker's way to say that nothing is set."""
    return _typed(document, key, int) or None


def _limit(document, key):
    """-1 for one that is lifted: what is too large for any limit is how an update says so."""
    value = _integer(document, key)
    return -1 if or_unlimited(value) == UNLIMITED else value


def _text(document, key):
    return _typed(document, key, str) or None


def _typed(document, key, kind):
    value = document.get(key)
    # Python counts a bool as an int.
    if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
        raise TypeError(f"{key} is {value!r}")
    return value
