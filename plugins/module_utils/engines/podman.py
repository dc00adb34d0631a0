# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Podman: its service, which speaks Docker's API on a socket of its own, and what it keeps on disk without one.

Most hosts run no service: ``podman`` starts, does its work and ends. The containers' names are then in a file of its
storage (containers-storage, ``containers.json``); their declared limits are only in Podman's database, which is read
by Podman alone.
"""

from __future__ import annotations

import os
import pwd
import re
import stat
from typing import Optional

from ..errors import EngineError
from ..kernel.files import UNLIMITED
from .contract import Claim, MemorySettings
from .docker import Docker
from .document import parse_document

DRIVERS = ("overlay", "vfs", "btrfs")
_LARGEST_STATE_BYTES = 64 << 20

# Before 5.1 an update is lost when the container is started again, before 5.4 it resets the limits that it leaves out
# (containers/podman#22322, #24610).
_KEEPS_FROM = (5, 4)
_MEMORY = MemorySettings._fields
_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})")


class Podman(Docker):
    name = "podman"
    smallest_memory_bytes = 0

    def __init__(self, socket, timeout_seconds, uid=None):
        super().__init__(socket, timeout_seconds, uid)
        self._known_version: Optional[str] = None
        self.started_by = (
            "systemctl enable --now podman.socket"
            if uid is None
            else f"systemctl --user enable --now podman.socket, as the user {uid},"
        )

    def read(self, target, understand):
        # What it has beside Docker's API is only there by its version.
        own = target.startswith("/libpod/")
        return super().read(f"/v{self._version()}{target}" if own else target, understand)

    def objection(self, settings, memory_version, runs):  # noqa: ARG002
        version = self._version()
        if _numbers(version) < _KEEPS_FROM:
            return (
                f"{version} does not keep what is changed, or takes other limits away with it; "
                f"{'.'.join(map(str, _KEEPS_FROM))} and later do better"
            )
        if not runs:
            return "tells of a container that does not run what it had when it last did, so nothing could be read back"
        return None

    def update(self, claim, settings):
        # Its own API: the one that is Docker's takes the restart policy away (containers/podman#29790). What an update
        # leaves out stays, and memory needs swap beside it as with Docker.
        memory = {
            "limit": -1 if settings.memory_bytes == UNLIMITED else settings.memory_bytes,
            "swap": -1 if settings.memory_swap_bytes == UNLIMITED else settings.memory_swap_bytes,
        }
        if settings.memory_reservation_bytes is not None:
            memory["reservation"] = settings.memory_reservation_bytes
        self._post(f"/v{self._version()}/libpod/containers/{claim.id}/update", {"memory": memory})
        self._refuse_side_effects(claim)
        return []

    def _refuse_side_effects(self, before):
        after = self.describe(before.id)
        changed = after and [
            f"{setting} from {value} to {after.declared[setting]}"
            for setting, value in before.declared.items()
            if setting not in _MEMORY and after.declared[setting] != value
        ]
        if changed:
            raise EngineError(f"{self.name} changed more than it was told to: {', '.join(changed)}")

    def _version(self):
        if self._known_version is None:
            # Its /version takes seconds, as it runs programs for their versions as well.
            headers = self._connection.headers("/_ping")
            self._known_version = self._understood("/_ping", lambda: headers["libpod-api-version"])
        return self._known_version


class PodmanState:
    """The storage of one user's Podman."""

    def __init__(self, storage, uid):
        self.storage = storage
        self.uid = uid

    def claims(self):
        """{id: Claim} with names and images; nothing declared, and no labels."""
        found = {}
        for driver in DRIVERS:
            path = f"{self.storage}/{driver}-containers/containers.json"
            for row in owned_rows(path, self.uid):
                claim = _claim_of_state(row)
                if claim is not None:
                    found[claim.id] = claim
        return found


def users_of_podman():
    """[(uid, socket, storage)] of the users, root left out, who are logged in or linger and have used Podman."""
    try:
        names = os.listdir("/run/user")
    except OSError:
        return []
    users = []
    for uid in sorted(int(name) for name in names if name.isdigit() and name != "0"):
        socket = f"/run/user/{uid}/podman/podman.sock"
        try:
            storage = pwd.getpwuid(uid).pw_dir + "/.local/share/containers/storage"
        except KeyError:
            continue
        if os.path.exists(socket) or os.path.exists(storage):
            users.append((uid, socket, storage))
    return users


def _numbers(version):
    """``5.4.2`` -> (5, 4); nothing is older than what is no version."""
    match = _VERSION.match(version)
    return tuple(map(int, match.groups())) if match else (0, 0)


def owned_rows(path, uid):
    """The rows of a JSON file that is its user's own; none where it is something else."""
    try:
        rows = parse_document(owned_data(path, uid) or b"")
    except (ValueError, RecursionError):
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def owned_data(path, uid):
    """The bytes of a file that is its user's own, None where it is not: no link or pipe that somebody put there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_uid != uid or about.st_size > _LARGEST_STATE_BYTES:
            return None
        return file.read()


def _claim_of_state(row):
    """``{"id": ..., "names": ["web"], "metadata": "{\\"image-name\\": ...}"}``."""
    container_id, names = row.get("id"), row.get("names")
    if not isinstance(container_id, str) or not isinstance(names, list) or not names:
        return None
    try:
        image = parse_document((row.get("metadata") or "{}").encode("utf-8")).get("image-name")
    except (ValueError, TypeError, AttributeError, RecursionError):
        image = None
    return Claim(
        id=container_id,
        name=str(names[0]),
        engine=Podman.name,
        image=image if isinstance(image, str) else None,
        state=None,
        pid=None,
        labels={},
        declared=None,
        image_id=row["image"] if isinstance(row.get("image"), str) else None,
    )
