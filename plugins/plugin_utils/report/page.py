# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit.html: one file with its style, its program and its data, written as the hosts come.

What the program needs stands in the page as JSON; the summary, the worst findings and the run are plain HTML, for
readers without scripts. The page's policy lets nothing run but this very program, and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..sharing_svg import STYLE
from .evidence import shown, shown_evidence
from .page_data import PageData, compact
from .words import SEVERITIES, counted, subject_of

# The parts of the program, in the order in which they stand in the page.
PROGRAM = (
    *("data.js", "search.js", "shown.js", "list.js", "detail.js"),
    *("findings.js", "containers.js", "hosts.js", "fixed.js", "main.js"),
)
_STYLES = ("page.css", "list.css", "print.css")
_MOST_HOSTS = 12


class Page:
    """Takes the hosts twice: :meth:`add` writes their data; what is said of all of them is known at the end."""

    def __init__(self, role, data_file, state_of):
        """``role``: the folder of the role, which has the page's parts. ``data_file``: a scratch file for the data."""
        self._role, self._file = role, data_file
        self._data = PageData(state_of)
        self._file.write('{"hosts":[')
        self._separator = "\n"

    def add(self, name, entry):
        self._file.write(self._separator + self._data.host(name, entry))
        self._separator = ",\n"

    def write(self, file, fleet, head):
        """The whole page into ``file``. ``fleet``: all the hosts; ``head``: what audit.json says before its hosts."""
        # What the hosts say stands in the page as well, and nobody can say this.
        mark = secrets.token_hex(16)
        before, _mark, after = self._render(fleet, head, mark).partition(mark)
        file.write(before)
        self._file.flush()
        self._file.seek(0)
        while text := self._file.read(1 << 20):
            file.write(text)
        file.write("\n]")
        for name, text in self._data.tables().items():
            file.write(f',"{name}":{text}')
        file.write(f',"severities":{compact(SEVERITIES)}}}')
        file.write(after)

    def _render(self, fleet, head, mark):
        templates = Environment(
            loader=FileSystemLoader(os.path.join(self._role, "templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters.update(shown=shown, evidence=shown_evidence, subject=subject_of, thousands="{:,}".format)
        templates.globals.update(counted=counted, severities=SEVERITIES)
        style = "".join(self._part(name) for name in _STYLES) + STYLE
        program = "".join(self._part(name) for name in PROGRAM)
        hosts = [one for one in fleet.digests if any(one[severity] for severity in SEVERITIES)]
        hosts.sort(key=lambda one: [-one[severity] for severity in SEVERITIES])
        rules = [row for row in head["rules"] if row["fail"]]
        rules.sort(key=lambda row: (SEVERITIES.index(row["severity"]), -row["fail"]))
        return templates.get_template("audit.html.j2").render(
            head=head,
            lost=fleet.lost,
            compared=fleet.compared,
            worst=fleet.worst(),
            rules=rules,
            hosts=hosts[:_MOST_HOSTS],
            hosts_with_findings=len(hosts),
            style=Markup(style),
            program=Markup(program),
            style_hash=_hash(style),
            program_hash=_hash(program),
            data=mark,
        )

    def _part(self, name):
        with open(os.path.join(self._role, "files", "page", name), encoding="utf-8") as file:
            return file.read()


def _hash(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
