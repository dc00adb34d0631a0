# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What findings are called and how they are ordered, in every output of the report. Pure."""

from __future__ import annotations

# Worst first.
SEVERITIES = ("critical", "high", "medium", "low")
# What a finding can be; what fails comes first, then what could not be told.
STATUSES = ("fail", "unknown", "waived")


def rank(finding):
    """Sorts findings: what fails first, of that the worst first."""
    return STATUSES.index(finding["status"]), SEVERITIES.index(finding["severity"])


def title_of(container):
    """What a container is called; the kernel alone knows no name."""
    return container["name"] or f"{container['engine']} {container['id'][:12]}"


def subject_of(finding):
    """What the container of a finding is called, as :func:`title_of` does."""
    identity = finding["container_id"]
    named = finding["container"] != identity or len(identity) < 64
    return finding["container"] if named else f"{finding['engine']} {identity[:12]}"


def counted(number, one, many=None):
    """``1 host``, ``2,000 hosts``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
