# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit.json: read and written a host at a time, a line for each, so that a fleet of any size fits.

The layout in lines is ours; the same JSON in another layout is read as well, all at once.
"""

from __future__ import annotations

import json
import shutil

FORMAT = 1
COLLECTION = "fathom.containers"
_HOSTS = '"hosts": {'
_END = "}}"
# Without these there is nothing to go on from.
_OF_HEAD = ("run", "generated_at", "previous_generated_at")
_OF_ENTRY = ("run", "audited_at", "error", "previous_audited_at", "changes")
_OF_ANSWER = ("summary", "findings", "containers", "shared", "waivers", "packs", "host")


class NoAudit(Exception):
    """The file is something else than an audit that this version reads; the text says why."""


def write(file, head, lines):
    """Write ``head`` (a dictionary) and the hosts: ``lines`` is a file of lines that :func:`line` made."""
    text = json.dumps(head, ensure_ascii=True)
    file.write(text[:-1] + ",\n" + _HOSTS + "\n")
    shutil.copyfileobj(lines, file)
    file.write(_END + "\n")


def line(name, entry, last):
    """The line of a host; ``last``: no other follows. Everything beyond ASCII is escaped."""
    return f"{json.dumps(name)}: {json.dumps(entry)}{'' if last else ','}\n"


def read(file):
    """(The head, an iterator over (name, entry) of the hosts, sorted by name.) Raises NoAudit.

    The iterator raises it as well, for a file that breaks off.
    """
    try:
        first, second = file.readline(), file.readline()
        if second.strip() == _HOSTS and first.startswith("{") and first.endswith(",\n"):
            head = _checked(json.loads(first.rstrip().rstrip(",") + "}"))
            return head, _hosts(file)
        file.seek(0)
        whole = _checked(json.load(file))
        hosts = whole.pop("hosts")
        return whole, iter([(name, _checked_entry(name, entry)) for name, entry in sorted(hosts.items())])
    except (ValueError, KeyError, AttributeError) as exc:
        raise NoAudit(f"it is no JSON of an audit ({exc})") from None


def _hosts(file):
    for text in file:
        if text.rstrip() == _END:
            return
        try:
            ((name, entry),) = json.loads("{" + text.rstrip().rstrip(",") + "}").items()
        except ValueError as exc:
            raise NoAudit(f"a line of it is no host ({exc})") from None
        yield name, _checked_entry(name, entry)
    raise NoAudit("it breaks off in the middle")


def _checked_entry(name, entry):
    missing = [key for key in _OF_ENTRY if not isinstance(entry, dict) or key not in entry]
    if not missing and entry["audited_at"] is not None:
        missing = [key for key in _OF_ANSWER if key not in entry]
    if missing:
        raise NoAudit(f"the host {name!r} has no {missing[0]}")
    return entry


def _checked(head):
    if not isinstance(head, dict) or head.get("collection") != COLLECTION:
        raise NoAudit("it is some other JSON")
    if head.get("format") != FORMAT:
        raise NoAudit(f"its format is {head.get('format')!r}, and this version reads {FORMAT}")
    for key in _OF_HEAD:
        if key not in head:
            raise NoAudit(f"it has no {key}")
    return head
