# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every record of a container begins with, in each module's answer."""

from __future__ import annotations


def identity_record(container, pid):
    """``pid`` is the container's init as the host sees it, None where it does not run."""
    return {
        "id": container.id,
        "name": container.name,
        "engine": container.engine,
        "engine_known": container.claim is not None,
        "image": container.image,
        "state": container.state,
        "pid": pid,
        "labels": container.labels,
        "nested_in": container.found.nested_in if container.found else None,
    }
