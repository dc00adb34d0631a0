# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What confines a process: /proc/PID/status (proc_pid_status(5)) and its label in AppArmor or SELinux."""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple

from .capabilities import capability_names

_SECCOMP = {"0": "disabled", "1": "strict", "2": "filter"}
_MODULES = ("apparmor", "selinux")
_LIST, _APPARMOR = "/sys/kernel/security/lsm", "/sys/module/apparmor/parameters/enabled"
_PROFILE = re.compile(r"(.+) \((\w+)\)\Z")


class Confinement(NamedTuple):
    """None: this kernel does not tell it."""

    seccomp: Optional[str]
    no_new_privileges: Optional[bool]
    effective: Optional[List[str]]
    bounding: Optional[List[str]]


def confinement(status):
    """Of what ``process.read_status`` gives."""
    seccomp = status.get("Seccomp")
    no_new_privileges = status.get("NoNewPrivs")
    return Confinement(
        seccomp=_SECCOMP.get(seccomp, seccomp),
        no_new_privileges=None if no_new_privileges is None else no_new_privileges != "0",
        effective=_capabilities(status.get("CapEff")),
        bounding=_capabilities(status.get("CapBnd")),
    )


def read_modules(files) -> Optional[List[str]]:
    """Those of AppArmor and SELinux that are on; their labels are free text in the same file, which tells neither.

    None where what tells it can't be read.
    """
    listed = files.text(_LIST)
    if listed is not None:
        return [name for name in _MODULES if name in listed.split(",")]
    # The list is in a file system that not every view of a host has.
    on = (files.text(_APPARMOR) == "Y", files.exists("/sys/fs/selinux/enforce"))
    if not any(on) and any(one["path"] in (_LIST, _APPARMOR) for one in files.unreadable):
        return None
    return [name for name, is_on in zip(_MODULES, on) if is_on]


def read_apparmor(files, pid) -> Tuple[Optional[str], Optional[str]]:
    """(profile, mode): ``docker-default (enforce)`` -> ("docker-default", "enforce"); unconfined has no mode."""
    label = files.text(f"/proc/{pid}/attr/apparmor/current")
    if label is None:
        # Before Linux 5.8 there is one file for all modules.
        label = files.text(f"/proc/{pid}/attr/current")
    match = _PROFILE.match(label or "")
    return (match.group(1), match.group(2)) if match else (label, None)


def read_selinux(files, pid):
    label = files.text(f"/proc/{pid}/attr/current")
    return label and label.rstrip("\0")


def _capabilities(mask):
    return None if mask is None else capability_names(int(mask, 16))
