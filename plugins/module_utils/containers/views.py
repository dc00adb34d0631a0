# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each container with its init and the namespaces that it is in."""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional

from ..errors import Gone, unless_gone
from ..kernel.files import Files
from ..kernel.namespaces import TYPES, read_namespaces
from .cgroups import Init, confirm, read_init
from .discover import discover
from .inventory import Container, join

_NONE = dict.fromkeys(TYPES)


class View(NamedTuple):
    """A container and the namespaces of its init; ``init`` is None where it has no process within sight."""

    container: Container
    files: Files
    init: Optional[Init]
    inodes: Dict[str, Optional[int]]

    @property
    def title(self):
        return self.container.name or self.container.id

    @property
    def out_of_sight(self):
        """Whether it has a process that can't be seen from here, as when its engine counts PIDs elsewhere."""
        return self.init is None and bool(self.files.unreadable)


def look_at(host, container):
    """Raises Gone where it has ended."""
    files = host.files.again()
    init = read_init(host, files, container)
    return View(container, files, init, read_namespaces(files, init.pid) if init else _NONE)


def look(host, containers):
    """A view of each that has not ended."""
    return unless_gone(lambda container: look_at(host, container), containers)


def look_at_others(host, witnesses, inventory):
    """Views of whoever else runs, and may share a namespace with those that were asked for."""
    asked = {one.id for one in inventory.containers}
    return look(host, [one for one in join(discover(host), witnesses) if one.runs and one.id not in asked])


def still_runs(view):
    try:
        if view.init is not None:
            confirm(view.files, view.init)
    except Gone:
        return False
    return True
