# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every record of a container begins with, in each module's answer."""

from __future__ import annotations


def identity_record(container, pid):
    """``pid`` is the container's init as the host sees it, None where it does not run."""
    claim = container.claim
    return {
        "id": container.id,
        "name": container.name,
        "engine": container.engine,
        "engine_known": claim is not None,
        "image": claim.image if claim else None,
        "state": (claim and claim.state) or ("running" if container.runs else None),
        "pid": pid,
        "labels": claim.labels if claim else {},
        "nested_in": container.found.nested_in if container.found else None,
    }
