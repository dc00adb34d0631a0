# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which engines may be asked, and where they listen."""

from __future__ import annotations

from ..options import socket_path
from .docker import Docker
from .podman import Podman, PodmanState, users_of_podman
from .witness import Witness


def witnesses(params):
    """The engines that may be asked, by the shared options; users' own Podman is found where it always is."""
    asked = params["engines"]
    timeout_seconds = params["engine_timeout"]
    found = []
    if asked is None or Docker.name in asked:
        found.append(Witness(Docker(socket_path("docker_socket", params["docker_socket"]), timeout_seconds)))
    if asked is None or Podman.name in asked:
        own = socket_path("podman_socket", params["podman_socket"])
        accounts = [(0, own, "/var/lib/containers/storage"), *users_of_podman()]
        for uid, socket, storage in accounts:
            engine = Podman(socket, timeout_seconds, uid or None)
            found.append(Witness(engine, PodmanState(storage, uid), uid))
    return found
