# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which container a cgroup belongs to, told from its path alone. Pure.

Each engine names the cgroup of a container in its own way; the names differ between the cgroupfs and the systemd
driver (docker-<id>.scope), and nest when engines run inside containers.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional

from ..engines.contract import FULL_ID
from ..kernel.files import printable_path

_ID = rf"(?P<id>{FULL_ID})"
_ANY = r"(?P<id>[A-Za-z0-9][A-Za-z0-9_.-]*)"

# What an engine runs beside its containers (the monitors) matches none of these on purpose.
_PATTERNS = tuple(
    (engine, re.compile(pattern + r"\Z"))
    for engine, pattern in (
        ("docker", rf"docker-{_ID}\.scope"),
        ("podman", rf"libpod-(?:payload-)?{_ID}(?:\.scope)?"),
        ("containerd", rf"(?:nerdctl|cri-containerd)-{_ANY}\.scope"),
        ("crio", rf"crio-{_ID}(?:\.scope)?"),
        ("lxc", r"lxc\.payload\.(?P<id>.+)"),
        ("nspawn", r"systemd-nspawn@(?P<id>.+)\.service"),
        # libvirt's machines have scopes of the same form: machine-qemu\x2d1\x2dname.scope.
        ("nspawn", r"machine-(?!(?:qemu|lxc)\\x2d[0-9]+\\x2d)(?P<id>.+)\.scope"),
    )
)
_BARE_ID = re.compile(_ID + r"\Z")
_SYSTEMD_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")

# Whose containers have a bare id below a parent of this name.
_BARE_ID_PARENTS = (
    ("docker", re.compile(r"docker\Z")),
    # The uid of a static pod is a hash, without dashes.
    ("containerd", re.compile(r"(?:default|k8s\.io|pod[0-9a-f-]{32,36}|kubepods.*)\Z")),
    ("lxc", re.compile(r"lxc\Z")),
)


class Identity(NamedTuple):
    """``path``: the cgroup's own. The engine of a bare id is ``unknown``: such a name proves nothing by itself."""

    engine: str
    id: str
    path: str


def identify(path) -> List[Identity]:
    """The containers that a cgroup is in, outermost first: the last is its own, those before hold its engine.

    ``/docker/<a>/system.slice/docker-<b>.scope/x`` -> [docker a, docker b], each with the path that ends in its name.
    """
    found = []
    parent = ""
    end = 0
    for name in path.split("/")[1:]:
        end += 1 + len(name)
        identity = identify_segment(parent, name, path[:end])
        if identity is not None:
            found.append(identity)
        parent = name
    return found


def identify_segment(parent, name, path) -> Optional[Identity]:
    """What one directory of the tree is, by its name and its parent's; None for no container's own cgroup."""
    if _BARE_ID.match(name):
        for engine, pattern in _BARE_ID_PARENTS:
            if pattern.match(parent):
                return Identity(engine, name, path)
        return Identity("unknown", name, path)
    for engine, pattern in _PATTERNS:
        match = pattern.match(name)
        if match:
            found = printable_path(match.group("id"))
            return Identity(engine, _unescape(found) if engine == "nspawn" else found, path)
    if parent == "lxc":
        return Identity("lxc", printable_path(name), path)
    return None


def own_path(path, container_id):
    """The part of a path that is the container's own cgroup: what its engine made, not what runs deeper inside.

    None where no part of the path is the container's: then it shares somebody else's cgroup.
    """
    # The outermost: what stands deeper, the container can have named itself.
    named = next((found.path for found in identify(path) if found.id == container_id), None)
    return named if named or _BARE_ID.match(container_id) else _path_to(path, container_id)


def _path_to(path, container_id):
    """Runtimes used by hand name the cgroup ``<id>`` or ``<runtime>-<id>.scope``, with an id that the user chose."""
    names = path.split("/")
    for end in range(len(names), 1, -1):
        if names[end - 1] == container_id or names[end - 1].endswith(f"-{container_id}.scope"):
            return "/".join(names[:end])
    return None


def _unescape(name):
    r"""systemd.unit(5): ``\x2d`` stands for ``-``."""
    return _SYSTEMD_ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), name)
