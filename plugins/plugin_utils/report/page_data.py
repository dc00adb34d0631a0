# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page's program works on: the hosts as compact JSON, each by itself, and the tables that they refer to. Pure.

Most findings say the same of different containers, so what a finding says (its *verdict*) is told once for all
containers. Where its texts hold the container's own PID or id, these are taken out and stand for themselves. A host is

    [name, state, audited_at, error, line, engine errors, picture, changes, containers]

with ``state`` 0 audited, 1 kept, 2 lost; ``changes`` null or [new, open, [[gone, title, container], ...]]; and a
container

    [name, id, engine, image, state, pid, usage, working set, limit, effective limit, who sets it, nested in, verdicts,
     which of these are new]

where engine, image, state and who sets it are indices of texts; sizes are bytes or null for unknown, -1 for unlimited.
A verdict is [rule, check, status, expected, declared, enforced, reason, remediation, evidence, waiver], a rule [rule,
title, severity, pack], all texts as indices; -1 is none.
"""

from __future__ import annotations

import json

from ..sharing_svg import sharing_svg
from ..table import host_line
from ..text import harmless
from .evidence import shown
from .merge import answer_of
from .words import SEVERITIES, STATUSES, rank, title_of

STATES = ("audited", "kept", "lost")
# Stand for the PID and the id of the container in texts; no harmless text has them.
PID, IDENTITY = "\x01", "\x02"
_NAME = 200


class PageData:
    def __init__(self, state_of):
        """``state_of``: entry -> one of STATES."""
        self._state_of = state_of
        self._texts, self._rules, self._verdicts = {}, {}, {}
        self._packs = {}
        self._hosts = 0

    def host(self, name, entry):
        """The JSON of a host."""
        answer = answer_of(entry)
        self._hosts += 1
        row = [harmless(name, _NAME), STATES.index(self._state_of(entry)), entry["audited_at"], shown(entry["error"])]
        if answer is None:
            return compact([*row, "", [], "", None, []])
        self._packs.update({rule["rule"]: rule["pack"] for rule in answer["summary"]["rules"]})
        engines = [
            f"{shown(engine['name'])} could not be asked: {shown(engine['error'])}"
            for engine in answer["host"]["engines"]
            if not engine["reachable"]
        ]
        picture = sharing_svg(answer["containers"], answer["shared"], name, f"p{self._hosts}", style=False)
        found = {}
        for finding in sorted(answer["findings"], key=rank):
            found.setdefault((finding["engine"], finding["container_id"]), []).append(finding)
        containers = [
            self._container(one, found.get((one["engine"], one["id"]), []))
            for one in sorted(answer["containers"], key=title_of)
        ]
        return compact([*row, host_line(answer), engines, picture, self._changes(entry["changes"]), containers])

    def tables(self):
        """The JSON of texts, rules and verdicts; when all hosts have been told."""
        return {
            "texts": compact(list(self._texts)),
            "rules": compact(list(self._rules)),
            "verdicts": compact(list(self._verdicts)),
        }

    def _container(self, one, findings):
        mine = {one["id"]: IDENTITY, f"/proc/{one['pid']}/": f"/proc/{PID}/"}
        limit = one["limit_bytes"] if one["limit_state"] == "limited" else _NO_LIMIT.get(one["limit_state"])
        source = one["effective_limit_source"]
        own = source is not None and source == one.get("memory_path")
        return [
            harmless(title_of(one), _NAME),
            harmless(one["id"], _NAME),
            *(self._text(one[key]) for key in ("engine", "image", "state")),
            one["pid"],
            one["usage_bytes"],
            one["working_set_bytes"],
            limit,
            one["effective_limit_bytes"],
            self._text("container" if own else source),
            shown(one["nested_in"], _NAME),
            [self._verdict(finding, mine) for finding in findings],
            [number for number, finding in enumerate(findings) if finding["change"] == "new"],
        ]

    def _verdict(self, finding, mine):
        told = [finding[key] for key in ("expected", "declared", "enforced", "reason", "remediation")]
        evidence = tuple((self._text(one["path"], mine), self._text(one["value"], mine)) for one in finding["evidence"])
        waiver = finding["waiver"]
        verdict = (
            self._rule(finding),
            self._text(finding["check"]),
            STATUSES.index(finding["status"]),
            *(self._text(text, mine) for text in told),
            evidence,
            self._text(f"{shown(waiver['reason'])} (until {waiver['expires']})") if waiver else -1,
        )
        return self._verdicts.setdefault(verdict, len(self._verdicts))

    def _rule(self, finding):
        rule = (
            self._text(finding["rule"]),
            self._text(finding["title"]),
            SEVERITIES.index(finding["severity"]),
            self._text(self._packs.get(finding["rule"])),
        )
        return self._rules.setdefault(rule, len(self._rules))

    def _changes(self, changes):
        if changes is None:
            return None
        fixed = [
            [int(one["how"] == "gone"), self._text(one["title"]), shown(one["container"], _NAME)]
            for one in changes["fixed"]
        ]
        return [changes["new"], changes["open"], fixed]

    def _text(self, value, mine=None):
        """Index of a text; -1 for None."""
        if value is None:
            return -1
        text = shown(value)
        for own, mark in (mine or {}).items():
            text = text.replace(own, mark)
        return self._texts.setdefault(text, len(self._texts))


_NO_LIMIT = {"unlimited": -1, "unknown": None, None: None}


def compact(value):
    """JSON that can stand in a script element: it has no ``<``, by which an element could end in it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
