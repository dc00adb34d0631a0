# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who shares which namespace with whom. Pure."""

from __future__ import annotations

from ..kernel.namespaces import TYPES


class Sharing:
    """Compares ``views``, all the containers that there are, with each other and with the host."""

    def __init__(self, views, reference):
        self._host = reference.inodes
        self._members = {}
        self._unknown = set()
        known = {kind for kind in TYPES if self._host[kind] or any(view.inodes[kind] for view in views)}
        for view in views:
            for kind, inode in view.inodes.items():
                if inode is not None:
                    self._members.setdefault((kind, inode), []).append(view)
                elif view.init is not None or view.out_of_sight:
                    self._unknown.update(known & {kind})

    def of(self, view):
        """{type: {inode, shared_with_host, shared_with}}; each is null where a read failed on which it depends."""
        return {kind: self._one(view, kind, inode) for kind, inode in view.inodes.items()}

    def groups(self, views):
        """[{type, inode, with_host, containers}] of the namespaces of ``views`` that are not one container's alone."""
        own = {(kind, inode) for view in views for kind, inode in view.inodes.items()}
        return [
            {
                "type": kind,
                "inode": inode,
                "with_host": self._is_hosts(kind, inode),
                "containers": sorted(view.title for view in members),
            }
            for (kind, inode), members in sorted(self._members.items(), key=_order)
            if (kind, inode) in own and (len(members) > 1 or self._is_hosts(kind, inode))
        ]

    def _is_hosts(self, kind, inode):
        host = self._host[kind]
        return None if host is None else inode == host

    def _one(self, view, kind, inode):
        if inode is None:
            return {"inode": None, "shared_with_host": None, "shared_with": None}
        with_host = self._is_hosts(kind, inode)
        # All are in the host's user namespace, as a rule: to name them all to each of them would be their square.
        others = [] if with_host else sorted(other.title for other in self._members[kind, inode] if other is not view)
        return {
            "inode": inode,
            "shared_with_host": with_host,
            # Nobody is said to share nothing while some can't be looked at.
            "shared_with": None if not (others or with_host) and kind in self._unknown else others,
        }


def _order(member):
    (kind, inode), _views = member
    return TYPES.index(kind), inode
