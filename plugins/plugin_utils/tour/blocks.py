# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chapter of a tour is made of, whether it becomes text or a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Rows(NamedTuple):
    """What has a name each: (label, text)."""

    rows: list[tuple[str, str]]


class Table(NamedTuple):
    """Many of a kind. Columns, by number: ``figures`` are aligned to the right, ``paths`` are not cut on a terminal."""

    heading: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Sequence[int] = ()
    paths: Sequence[int] = ()


class Said(NamedTuple):
    """What a program printed."""

    command: str
    lines: list[str]


class Listing(NamedTuple):
    """Names that stand for themselves."""

    names: list[str]


class Note(NamedTuple):
    """Something to know, such as why there is no answer."""

    text: str


class Picture(NamedTuple):
    """Drawn on the page alone; ``words`` are for those who do not see it, ``data`` as pictures.py takes it."""

    kind: str
    words: str
    data: Any


class Chapter(NamedTuple):
    """A step of the tour. ``what`` it is about, and ``where`` that is kept: files of the kernel, mostly."""

    key: str
    title: str
    what: str
    where: list[str]
    blocks: list[Any]
