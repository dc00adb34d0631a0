# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trees of files packed in one text: what a real host's kernel showed, for tests on machines that differ from it.

::

    # a comment, anywhere
    dir 0755 /sys/fs/cgroup/system.slice
    file 0644 memory.max
    |max
    dir 0555 /proc/7
    file 0444 attr/current
    |unconfined
    \\
    link 0777 ns/net -> net:[4026531840]

A path without a slash at its beginning is below the directory named last. Each line of a file stands behind a bar; a
backslash says that the last one has no newline. A line or a path that a reader of this text would get wrong (control
characters, no UTF-8) is percent-encoded, the line behind a percent sign in the bar's place.

Packed because file systems, archives and checks of a repository each refuse some of the names that occur below /proc
and /sys, and links to nowhere.
"""

from __future__ import annotations

import os
import stat
import urllib.parse
from pathlib import Path
from typing import NamedTuple

FIXTURES = Path(__file__).with_name("fixtures")

FILE = "file"
DIRECTORY = "dir"
LINK = "link"
_ARROW = " -> "
_NO_NEWLINE = "\\"


class Entry(NamedTuple):
    """A file, directory or link; ``path`` begins with a slash, ``content`` is a file's, or where a link leads."""

    kind: str
    path: str
    mode: int
    content: bytes = b""


def unpack(name, directory):
    """Recreate the tree tests/unit/fixtures/NAME.tree below ``directory``, and return that as a string."""
    text = (FIXTURES / (name + ".tree")).read_text(encoding="utf-8")
    write(parse(text), directory)
    return str(directory)


def pack(directory, comment=""):
    """The text of everything below ``directory``."""
    return dump(read(directory), comment)


def dump(entries, comment=""):
    """The text of ``entries``; ``comment`` comes first."""
    lines = ["# " + line if line else "#" for line in comment.splitlines()]
    below = "/"
    for entry in entries:
        if entry.kind == DIRECTORY:
            path, below = entry.path, entry.path + "/"
        else:
            path = entry.path[len(below) :] if entry.path.startswith(below) and below != "/" else entry.path
        header = f"{entry.kind} {entry.mode:04o} {_readable(os.fsencode(path))}"
        if entry.kind == LINK:
            lines.append(header + _ARROW + _readable(entry.content))
        else:
            lines += [header, *_content_lines(entry.content)]
    return "".join(line + "\n" for line in lines)


def parse(text):
    """The entries of a packed text, in its order; ValueError names a line that belongs to none."""
    entries: list[Entry] = []
    below = "/"
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("#") or not line:
            continue
        if line[0] in "|%" or line == _NO_NEWLINE:
            if not entries or entries[-1].kind != FILE:
                raise ValueError(f"line {number}: {line!r} belongs to no file")
            entries[-1] = entries[-1]._replace(content=_extended(entries[-1].content, line))
        else:
            entry = _header(number, line)
            if not entry.path.startswith("/"):
                entry = entry._replace(path=below + entry.path)
            if entry.kind == DIRECTORY:
                below = entry.path + "/"
            entries.append(entry)
    return entries


def read(directory):
    """The entries below ``directory``: each of its own directories, then what is right in that."""
    root = str(directory)
    entries = []
    for place, names, files in os.walk(root):
        names.sort()
        here = Path(place)
        links = [name for name in names if (here / name).is_symlink()]
        if place != root:
            entries.append(_read_one(here, root))
        entries += (_read_one(here / name, root) for name in sorted(files + links))
    return entries


def _read_one(place, root):
    path = str(place)[len(root) :]
    mode = stat.S_IMODE(place.lstat().st_mode)
    if place.is_symlink():
        return Entry(LINK, path, mode, os.fsencode(os.readlink(place)))
    if place.is_dir():
        return Entry(DIRECTORY, path, mode)
    return Entry(FILE, path, mode, place.read_bytes())


def write(entries, directory):
    """Make each of ``entries`` below ``directory``."""
    for entry in entries:
        place = Path(str(directory) + entry.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        if entry.kind == LINK:
            place.symlink_to(os.fsdecode(entry.content))
        elif entry.kind == DIRECTORY:
            place.mkdir(exist_ok=True)
            # Whoever made the tree must be able to remove it.
            place.chmod(entry.mode | stat.S_IRWXU)
        else:
            place.write_bytes(entry.content)
            place.chmod(entry.mode)


def _header(number, line):
    try:
        kind, mode, rest = line.split(" ", 2)
        path, arrow, target = rest.partition(_ARROW)
        if kind not in (FILE, DIRECTORY, LINK) or bool(arrow) != (kind == LINK):
            raise ValueError(kind)
        return Entry(kind, os.fsdecode(_bytes(path)), int(mode, 8), _bytes(target))
    except ValueError:
        meant = "file MODE PATH, dir MODE PATH or link MODE PATH -> TARGET"
        raise ValueError(f"line {number}: {line!r} is none of {meant}") from None


def _content_lines(content):
    *lines, last = content.split(b"\n")
    packed = [_content_line(line) for line in lines]
    return [*packed, _content_line(last), _NO_NEWLINE] if last else packed


def _content_line(line):
    text = _text(line)
    return "%" + urllib.parse.quote(line) if text is None else "|" + text


def _extended(content, line):
    """``content`` and what one packed line adds to it."""
    if line == _NO_NEWLINE:
        return content[:-1]
    return content + (_bytes(line[1:]) if line[0] == "%" else line[1:].encode()) + b"\n"


def _readable(path):
    """A path, or where a link leads, as it stands in a header line."""
    text = _text(path)
    return urllib.parse.quote(path) if text is None or "%" in text or _ARROW in text else text


def _bytes(percent_encoded):
    return urllib.parse.unquote_to_bytes(percent_encoded)


def _text(data):
    """``data`` as text where a reader sees in it what it is, else None."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if all(char.isprintable() or char == "\t" for char in text) else None
