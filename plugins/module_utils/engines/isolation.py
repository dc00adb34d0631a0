# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine was asked for to keep a container apart: Docker's /containers/ID/json, and Podman's. Pure.

It only stands beside what the kernel tells, for a reader: what is not of the expected type is left out.
"""

from __future__ import annotations

_TEXTS = {
    "network_mode": "NetworkMode",
    "pid_mode": "PidMode",
    "ipc_mode": "IpcMode",
    "uts_mode": "UTSMode",
    "userns_mode": "UsernsMode",
    "cgroupns_mode": "CgroupnsMode",
}
_TRUTHS = {"privileged": "Privileged", "read_only_root": "ReadonlyRootfs"}
_LISTS = {"security_opt": "SecurityOpt", "cap_add": "CapAdd", "cap_drop": "CapDrop"}
_MOUNT = {"source": "Source", "destination": "Destination", "propagation": "Propagation"}


def isolation_of_inspect(document):
    """{network_mode, ..., privileged, read_only_root, security_opt, ..., apparmor, mounts}; None: not told."""
    host = document["HostConfig"]
    return {
        **{key: _typed(host.get(name), str) for key, name in _TEXTS.items()},
        **{key: _typed(host.get(name), bool) for key, name in _TRUTHS.items()},
        **{key: _texts(host.get(name)) for key, name in _LISTS.items()},
        "apparmor": _typed(document.get("AppArmorProfile"), str),
        "mounts": _mounts(document.get("Mounts")),
    }


def _typed(value, kind):
    return value if isinstance(value, kind) else None


def _texts(value):
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else None


def _mounts(rows):
    if not isinstance(rows, list):
        return None
    return [{key: _typed(row.get(name), str) for key, name in _MOUNT.items()} for row in rows if isinstance(row, dict)]
