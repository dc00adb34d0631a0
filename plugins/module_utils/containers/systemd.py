# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd thinks that a container's limits are: a third witness beside the kernel and the engine.

With the systemd driver the container's cgroup is a unit. After a ``systemctl daemon-reload`` systemd writes the
properties of its units to the kernel again, next time that it makes a cgroup beside them; what somebody else wrote
there, runc's swap limit of 0 included (moby#51446), is then gone.

The properties are read from the unit files that systemd keeps (systemd.unit(5), "Unit File Load Path": transient
units and what set-property made). To ask systemd itself takes D-Bus, which the standard library does not speak, or a
process per container.
"""

from __future__ import annotations

import re
from typing import Dict, NamedTuple, Optional

from ..kernel.files import UNLIMITED
from .limits import limit_state, limited, told, whole_pages


class Property(NamedTuple):
    """``figure`` of kernel.memory.Memory that it sets, what it is where nobody sets it, and its name in a report."""

    figure: str
    default: float
    setting: str


_PROPERTIES = {
    "MemoryMax": Property("limit", UNLIMITED, "memory_bytes"),
    "MemorySwapMax": Property("swap_limit", UNLIMITED, "swap_bytes"),
    "MemoryHigh": Property("high", UNLIMITED, "high_bytes"),
    "MemoryLow": Property("reservation", 0, "memory_reservation_bytes"),
}
_ONLY_V2 = ("MemorySwapMax", "MemoryHigh", "MemoryLow")
# What runc sets on v1. systemd takes it for MemoryMax where a unit has none of the others (until version 257).
_V1_LIMIT = "MemoryLimit"

_UNIT = re.compile(r".+\.(?:scope|service)\Z")
_USER_MANAGER = re.compile(r"/user@(\d+)\.service/")
# The first counts.
_SYSTEM_DIRECTORIES = (
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
)
_USER_DIRECTORIES = ("/run/user/{0}/systemd/user.control", "/run/user/{0}/systemd/transient")
_INSTANCE = re.compile(r"@.*(?=\.)")
_SIZE = re.compile(r"(\d+)([KMGT]?)\Z")
_FACTORS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class Unit(NamedTuple):
    """``limits``: {property: bytes, UNLIMITED, or None where its text is no plain size}."""

    name: str
    limits: Dict[str, Optional[float]]


class UnitFiles:
    """systemd's unit files on one host; each directory is listed once in a run."""

    def __init__(self, files):
        self._files = files
        self._listed = {}

    def unit_of(self, path):
        """The Unit whose cgroup has this path; None where systemd did not make it."""
        name = path.rpartition("/")[2]
        if not _UNIT.match(name):
            return None
        user = _USER_MANAGER.search(path)
        directories = [one.format(user.group(1)) for one in _USER_DIRECTORIES] if user else _SYSTEM_DIRECTORIES
        texts = [
            f"{directory}/{one}"
            for one in (name, _INSTANCE.sub("@", name))
            for directory in directories
            if one in self._names(directory)
        ]
        if not texts:
            return None
        settings = {}
        for text in texts[:1] + self._drop_ins(directories, name):
            settings.update(_settings(self._files.lines(text)))
        return Unit(name, _limits(settings))

    def _drop_ins(self, directories, name):
        """Paths in the order in which they count: by file name, wherever they are."""
        found = {}
        for directory in reversed(directories):
            names = self._names(directory)
            for owner in reversed(_drop_in_names(name)):
                if owner in names:
                    below = f"{directory}/{owner}"
                    found.update((one, f"{below}/{one}") for one in self._names(below) if one.endswith(".conf"))
        return [found[one] for one in sorted(found)]

    def _names(self, directory):
        if directory not in self._listed:
            self._listed[directory] = frozenset(self._files.names(directory))
        return self._listed[directory]


def _drop_in_names(unit):
    """``docker-1f.scope`` -> its own, ``docker-.scope.d`` of the prefix, ``scope.d`` of the type; the nearest first."""
    stem, _dot, kind = unit.rpartition(".")
    prefixes = [stem[: at + 1] for at, char in enumerate(stem) if char == "-"]
    return [f"{unit}.d", *(f"{prefix}.{kind}.d" for prefix in reversed(prefixes)), f"{kind}.d"]


def unit_record(unit):
    """The ``systemd`` part of a container's facts."""
    memory, swap = unit.limits["MemoryMax"], unit.limits["MemorySwapMax"]
    return {
        "unit": unit.name,
        "memory_limit_state": limit_state(memory),
        "memory_limit_bytes": limited(memory),
        "swap_limit_state": limit_state(swap),
        "swap_limit_bytes": limited(swap),
    }


def find_reload_drift(unit, memory, version, page_size_bytes):
    """[{setting, enforced, after_reload}]: what the kernel enforces now and systemd would change."""
    drift = []
    for key, one in _PROPERTIES.items():
        enforced, wanted = getattr(memory, one.figure), unit.limits[key]
        if enforced is None or wanted is None or (version == 1 and key in _ONLY_V2):
            continue
        wanted = whole_pages(wanted, page_size_bytes)
        if wanted != enforced:
            drift.append({"setting": one.setting, "enforced": told(enforced), "after_reload": told(wanted)})
    return drift


def _limits(settings):
    limits = {key: _size(settings.get(key, ""), one.default) for key, one in _PROPERTIES.items()}
    if all(limits[key] == one.default for key, one in _PROPERTIES.items()):
        limits["MemoryMax"] = _size(settings.get(_V1_LIMIT, ""), UNLIMITED)
    return limits


def _settings(lines):
    pairs = (line.partition("=") for line in lines if "=" in line and line[0] not in "#;")
    return {key.strip(): value.strip() for key, _equals, value in pairs}


def _size(text, default):
    if not text:
        return default
    if text == "infinity":
        return UNLIMITED
    match = _SIZE.match(text)
    return int(match.group(1)) * _FACTORS[match.group(2)] if match else None
