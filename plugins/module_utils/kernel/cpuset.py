# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cpuset controller (admin-guide/cgroup-v1/cpusets.rst, admin-guide/cgroup-v2.rst "Cpuset")."""

from __future__ import annotations

from typing import NamedTuple, Optional


class Cpuset(NamedTuple):
    """Lists as the kernel writes them, ``0-3,7``: what was set (empty: nothing), and what the kernel grants."""

    cpus: Optional[str]
    effective_cpus: Optional[str]


_EFFECTIVE = {1: "/cpuset.effective_cpus", 2: "/cpuset.cpus.effective"}


def read_cpuset(files, directory, version):
    return Cpuset(
        cpus=files.text(directory + "/cpuset.cpus"),
        effective_cpus=files.text(directory + _EFFECTIVE[version]),
    )
