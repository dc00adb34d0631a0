# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was gathered of one container, as the tasks of the role registered it."""

from __future__ import annotations

from typing import Any

from ..report.words import title_of

_NOT_RUNNING = "It does not run, so that there is nothing of it in the kernel."


class Gathered:
    """The records of the container, each None where there is none, and then the reason in ``why``.

    ``results``: {cgroups, namespaces, images: results of the modules of facts; root: of ansible.builtin.find; uts, net:
    lists of results of container_nsenter}. ``host``: what the host is called; ``time``: when, in UTC.
    """

    def __init__(self, results: dict[str, Any], host: str, time: str):
        self.host, self.time = host, time
        self.why: dict[str, str] = {}
        facts = results["cgroups"]["ansible_facts"]["container_cgroups"]
        self.of_host: dict[str, Any] = facts["host"]
        (self.container,) = facts["containers"]
        self.namespaces = self._one(results, "namespaces", "container_namespaces", "containers")
        self.image = self._one(results, "images", "container_images", "images")
        self.root = self._names(results["root"])
        self.entered = {kind: [self._program(result) for result in results[kind]] for kind in ("uts", "net")}

    @property
    def title(self) -> str:
        return title_of(self.container)

    @property
    def runs(self) -> bool:
        return self.container["pid"] is not None

    def _one(self, results: dict[str, Any], key: str, facts: str, rows: str) -> Any:
        result = results[key]
        found = result.get("ansible_facts", {}).get(facts, {}).get(rows, [])
        if not found:
            self.why[key] = self._reason(result, "Nobody tells of it.")
        return found[0] if found else None

    def _names(self, result: dict[str, Any]) -> list[str] | None:
        if result.get("failed") or result.get("skipped") or "files" not in result or result.get("skipped_paths"):
            self.why["root"] = self._reason(result, "It could not be read.")
            return None
        return sorted(one["path"].rpartition("/")[2] for one in result["files"])

    def _program(self, result: dict[str, Any]) -> tuple[str, list[str] | None, str]:
        """(the command, what it printed or None, why it did not)."""
        if result.get("rc") == 0:
            return " ".join(result["argv"]), result["stdout_lines"], ""
        return " ".join(result.get("item", [])), None, self._reason(result, "It ended without a word.")

    def _reason(self, result: dict[str, Any], otherwise: str) -> str:
        if not self.runs and result.get("skipped"):
            return _NOT_RUNNING
        skipped = result.get("skipped_paths") or {}
        return str(next(iter(skipped.values()), None) or result.get("stderr") or result.get("msg") or otherwise)
