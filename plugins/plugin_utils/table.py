# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cgroup facts of a host in the words of a report: a line for the host, a row for each container. Pure."""

from __future__ import annotations

from ..module_utils.limits.sizes import binary_size
from .text import harmless

HEADINGS = {
    "container": "CONTAINER",
    "limit": "LIMIT",
    "effective_limit": "EFFECTIVE",
    "source": "SET BY",
    "usage": "USAGE",
    "drift": "DRIFT",
}


def host_line(facts):
    """``cgroup v1 (hybrid), 23.466 GiB of memory, no swap; docker 20.10.24 (cgroupfs); 4 containers``."""
    host, selection = facts["host"], facts.get("selection") or {}
    swap = host["swap_total_bytes"]
    words = [f"cgroup v{host['memory_version']} ({host['mode']})", f"{_size(host['memory_total_bytes'])} of memory"]
    words.append(f"{binary_size(swap)} of swap" if swap else "no swap")
    if host["swap_accounting"] is False:
        words.append("no swap accounting: memory is limited without swap")
    if host["scope"] == "container":
        words.append("seen from inside a container")
    engines = [_engine_text(engine) for engine in host["engines"]]
    count = len(facts["containers"])
    counted = "1 container" if count == 1 else f"{count} containers"
    if host["vanished"]:
        counted += f", {host['vanished']} more ended meanwhile"
    selected = [*(selection.get("engines") or ()), *(selection.get("containers") or ())]
    if selected:
        counted += f" of those asked for: {harmless(', '.join(selected), 80)}"
    return "; ".join([", ".join(words), *engines, counted])


def container_rows(facts):
    """For each container, by name, the texts of its row, and for a report ``used_percent`` and ``drifted``."""
    return [_row(container) for container in sorted(facts["containers"], key=_title)]


def table_lines(facts):
    """The host's line, then the containers in columns as wide as their widest cell."""
    rows = [HEADINGS, *container_rows(facts)]
    widths = {column: max(len(row[column]) for row in rows) for column in HEADINGS}
    lines = ["  ".join(row[column].ljust(widths[column]) for column in HEADINGS).rstrip() for row in rows]
    return [host_line(facts)] + (lines if len(rows) > 1 else [])


def _row(container):
    memory = container.get("memory")
    row = {
        "container": _title(container),
        "drift": drift_words(container),
        "drifted": bool(container["drift"] or container["reload_drift"]),
    }
    if memory is None:
        return dict(row, limit="-", effective_limit="-", source="-", usage="-", used_percent=None)
    usage, effective = memory["usage_bytes"], memory["effective_limit_bytes"]
    return dict(
        row,
        limit=binary_size(memory["limit_bytes"]) if memory["limit_state"] == "limited" else memory["limit_state"],
        effective_limit=_size(effective),
        source=_source(memory),
        usage=_size(usage),
        used_percent=round(100 * usage / effective) if usage is not None and effective else None,
    )


def _source(memory):
    """Who sets the limit that counts: the container itself, the host, or the path of a cgroup above."""
    source = memory["effective_limit_source"]
    if source is None:
        return "unknown" if memory["effective_limit_bytes"] is None else "out of sight"
    return "container" if source == memory["path"] else harmless(source, 48)


def drift_words(container):
    """What differs now, then what a daemon-reload would change. What can't be told is not called free of drift."""
    if container["pid"] is None:
        return "not running"
    drift, ahead = container["drift"], container["reload_drift"] or ()
    texts = [_drift_text(one) for one in drift or ()] + [_reload_text(one) for one in ahead]
    if drift is None:
        texts.insert(0, "unknown: no engine tells")
    return "; ".join(texts) or "none"


def _drift_text(drift):
    """``memory_bytes: 64 MiB declared, 32 MiB enforced``."""
    setting = drift["setting"]
    return f"{setting}: {_figure(setting, drift['declared'])} declared, {_figure(setting, drift['enforced'])} enforced"


def _reload_text(drift):
    """``swap_bytes: 0 B enforced, unlimited after a daemon-reload``."""
    setting = drift["setting"]
    enforced, after = _figure(setting, drift["enforced"]), _figure(setting, drift["after_reload"])
    return f"{setting}: {enforced} enforced, {after} after a daemon-reload"


def _figure(setting, value):
    return binary_size(value) if setting.endswith("_bytes") and not isinstance(value, str) else harmless(value)


def _engine_text(engine):
    if not engine["reachable"]:
        return f"{engine['name']} not reachable"
    return harmless(f"{engine['name']} {engine['version']} ({engine['cgroup_driver']})")


def _title(container):
    return harmless(container["name"] or f"{container['engine']} {container['id'][:12]}")


def _size(size_bytes):
    return "unknown" if size_bytes is None else binary_size(size_bytes)
