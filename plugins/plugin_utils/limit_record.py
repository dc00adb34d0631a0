# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of who had which memory limits before a change, and the way back from it. Pure."""

from __future__ import annotations

import json

from ..module_utils.errors import FathomError
from ..module_utils.policy.sizes import spell_size
from .limit_results import by_host, containers_of, sizes_of

_FORMAT = "fathom.containers: memory limits before a change"
_VERSION = 1
_RESTORED = "as recorded"
_KEPT = ("id", "name", "engine", "rule", "before", "after")


def make_record(planned, written):
    """``planned``: {host: result of check mode}, of which what would be changed is kept. ``written``: the time."""
    hosts = {
        host: [{key: one[key] for key in _KEPT} for one in containers_of(result) if one["status"] == "changed"]
        for host, result in by_host(planned).items()
    }
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "written": written,
        "hosts": {host: containers for host, containers in hosts.items() if containers},
    }


def recorded_limits(text, host, path):
    """The module's ``limits`` that bring a host back; none where the record has nothing of it.

    ``text``: what is in the file ``path``. Raises FathomError.
    """
    record = _parse(text, path)
    try:
        return [entry for one in record["hosts"].get(host, []) if (entry := _entry(one)) is not None]
    except (KeyError, TypeError, AttributeError) as exc:
        raise _no_record(path, f"it lacks or mistypes {exc}") from None


def _parse(text, path):
    try:
        record = json.loads(text)
    except ValueError as exc:
        raise _no_record(path, f"it is no JSON ({exc})") from None
    if not isinstance(record, dict) or record.get("format") != _FORMAT or not isinstance(record.get("hosts"), dict):
        raise _no_record(path, "it is some other JSON")
    if record.get("version") != _VERSION:
        raise _no_record(path, f"its version is {record.get('version')!r}, and this collection reads {_VERSION}")
    return record


def _no_record(path, reason):
    return FathomError(
        f"{path} is no record of memory limits: {reason}. Give a memory-limits-TIME.json, as each run that changes "
        "limits writes one"
    )


def _entry(container):
    before, after = sizes_of(container["before"]), sizes_of(container["after"])
    if before["reservation"] == after["reservation"]:
        # Kernels and engines have more than one word for none.
        del before["reservation"]
    sizes = {
        setting: size if size == "unlimited" else spell_size(size)
        for setting, size in before.items()
        if size not in ("unknown", "absent")
    }
    return {"containers": [container["id"]], "rule": _RESTORED, **sizes} if sizes else None
