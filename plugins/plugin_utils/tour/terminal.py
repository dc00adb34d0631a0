# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tour as text for a terminal, in which no name of the container's choice can do harm."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from ..text import harmless
from .blocks import Chapter, Listing, Note, Rows, Said, Table
from .gathered import Gathered
from .walk import walk

_WIDTH = 100
_INDENT = "  "
_LONGEST_CELL = 72
_LONGEST_TEXT = 200
# Of a table on a terminal; the page has all.
_MOST_ROWS = 40


def tour_lines(gathered: Gathered) -> list[str]:
    lines = [f"A tour of {harmless(gathered.title)} on {harmless(gathered.host)}, {gathered.time}"]
    for number, chapter in enumerate(walk(gathered), 1):
        lines += ["", *_chapter(number, chapter)]
    return lines


def _chapter(number: int, chapter: Chapter) -> Iterator[str]:
    yield f"{number}. {chapter.title}"
    yield from textwrap.wrap(chapter.what, _WIDTH)
    for block in chapter.blocks:
        yield from (_INDENT + line for line in _WRITTEN.get(type(block), _nothing)(block))
    for path in chapter.where:
        yield f"{_INDENT}where: {harmless(path, _LONGEST_TEXT)}"


def _rows(block: Rows) -> Iterator[str]:
    widest = max(len(label) for label, _text in block.rows)
    for label, text in block.rows:
        yield f"{label.ljust(widest)}  {harmless(text, _LONGEST_TEXT)}"


def _table(block: Table) -> Iterator[str]:
    longest = [_LONGEST_TEXT if number in block.paths else _LONGEST_CELL for number in range(len(block.heading))]
    rows = [list(map(harmless, row, longest)) for row in [block.heading, *block.rows[:_MOST_ROWS]]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if number in block.figures else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
    if len(block.rows) > _MOST_ROWS:
        yield f"and {len(block.rows) - _MOST_ROWS} more, which are on the page"


def _said(block: Said) -> Iterator[str]:
    yield f"$ {harmless(block.command, _LONGEST_TEXT)}"
    yield from (harmless(line, _WIDTH) for line in block.lines[:_MOST_ROWS])
    if len(block.lines) > _MOST_ROWS:
        yield f"and {len(block.lines) - _MOST_ROWS} more lines, which are on the page"


def _listing(block: Listing) -> Iterator[str]:
    names = [harmless(name) for name in block.names]
    yield from textwrap.wrap("  ".join(names), _WIDTH, break_on_hyphens=False) or ["empty"]


def _note(block: Note) -> Iterator[str]:
    yield from textwrap.wrap(harmless(block.text, 2 * _LONGEST_TEXT), _WIDTH)


def _nothing(_block: Any) -> Iterator[str]:
    """A picture says the same as the table beside it."""
    yield from ()


_WRITTEN: dict[type, Any] = {Rows: _rows, Table: _table, Said: _said, Listing: _listing, Note: _note}
