# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine says of its containers, and what every engine client offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Dict, List, NamedTuple, Optional

# Whose containers are told apart; only some of them can be asked.
ENGINES = ("docker", "podman", "containerd", "crio", "lxc", "nspawn", "unknown")

# A regular expression for a container's id, as Docker and Podman write it in full.
FULL_ID = "[0-9a-f]{64}"
# One for the beginning of an id, as users write it. Less is more often a name, and a typing error of one: "db".
ID_PREFIX = "[0-9a-f]{4,}"

# The states in which an engine counts a container as running.
RUNNING = ("running", "paused", "restarting")

DECLARABLE = (
    "memory_bytes",
    "memory_swap_bytes",
    "memory_reservation_bytes",
    "cpus",
    "cpu_quota_usec",
    "cpu_period_usec",
    "cpu_shares",
    "cpuset_cpus",
    "pids_limit",
    "oom_kill_disabled",
    "cgroup_parent",
)


class Claim(NamedTuple):
    """One container as its engine tells it.

    ``declared`` has every key of DECLARABLE, each None where the engine sets none; it is None as a whole where the
    engine listed the container but did not describe it. ``memory_swap_bytes`` is memory + swap as Docker counts, -1
    for unlimited swap. ``isolation``: what engines/isolation.py makes of the description, None without one.
    ``image_id``: of the image that it was made from, None where the engine does not tell.
    """

    id: str
    name: Optional[str]
    engine: str
    image: Optional[str]
    state: Optional[str]
    pid: Optional[int]
    labels: Dict[str, str]
    declared: Optional[dict]
    isolation: Optional[dict] = None
    image_id: Optional[str] = None


class MemorySettings(NamedTuple):
    """What an engine is to note for a container: bytes, or UNLIMITED of kernel.files.

    ``memory_swap_bytes`` is memory + swap. ``memory_reservation_bytes``: 0 takes a reservation away, None leaves it
    as it is.
    """

    memory_bytes: float
    memory_swap_bytes: float
    memory_reservation_bytes: Optional[int]


class EngineInfo(NamedTuple):
    """One entry of ``host.engines``."""

    name: str
    version: Optional[str]
    socket: str
    cgroup_driver: Optional[str]
    reachable: bool
    error: Optional[str]


def declare(**settings):
    """Every declarable setting, None where not given."""
    return dict(dict.fromkeys(DECLARABLE), **settings)


class Engine(ABC):
    """The contract. Each method raises EngineError where the engine fails it; ``again`` and ``close`` never do.

    ``smallest_memory_bytes``: the smallest limit of memory that it accepts. ``started_by``: what makes it listen, for
    a reader.
    """

    name = ""
    socket = ""
    started_by = ""
    smallest_memory_bytes = 0

    @abstractmethod
    def info(self) -> EngineInfo:
        """Version and cgroup driver."""

    @abstractmethod
    def list(self, stopped) -> Dict[str, Claim]:
        """All running containers, the stopped too if asked: {id: Claim}, ``declared`` still None."""

    @abstractmethod
    def expect(self, container_ids, itself) -> None:
        """Hear which containers it is asked to describe next, and whether then for its info, so that it can begin."""

    @abstractmethod
    def describe(self, container_id) -> Optional[Claim]:
        """One container with what is declared for it, or None if the engine has no such container."""

    @abstractmethod
    def read(self, target, understand):
        """What ``understand(document)`` makes of the JSON that a GET of this target answers; None where it is a 404.

        ``understand`` may raise KeyError, TypeError, ValueError or AttributeError where the answer is no good.
        """

    @abstractmethod
    def objection(self, settings: MemorySettings, memory_version, runs) -> Optional[str]:
        """Why it can't note this and keep it, as the rest of a sentence that its name begins; None where it can.

        ``memory_version``: of the container's cgroup of memory, None where it has none. ``runs``: whether it runs.
        """

    @abstractmethod
    def update(self, claim: Claim, settings: MemorySettings) -> List[str]:
        """Note the settings, and have the runtime set them where the container runs. The engine's warnings.

        ``claim`` as described just before. Settings that are noted already can be noted again.
        """

    @abstractmethod
    def again(self) -> Engine:
        """The same engine over a connection with a deadline of its own, for another thread."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connection."""
