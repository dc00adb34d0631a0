# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tour as one HTML page that fetches nothing and runs no program."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..text import harmless
from .blocks import Listing, Note, Picture, Rows, Said, Table
from .gathered import Gathered
from .pictures import memory_bars, memory_keys, nest, stack_svg
from .walk import walk

_LONGEST_TEXT = 4000
_KINDS = {Rows: "rows", Table: "table", Said: "said", Listing: "listing", Note: "note", Picture: "picture"}


def tour_page(gathered: Gathered, role: str) -> str:
    """``role``: the folder of the role, which has the template and the style of the page."""
    templates = Environment(
        loader=FileSystemLoader(Path(role, "templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(shown=lambda text: harmless(text, _LONGEST_TEXT), kind=lambda block: _KINDS[type(block)])
    templates.globals.update(stack_svg=stack_svg, memory_bars=memory_bars, memory_keys=memory_keys, nest=nest)
    style = Path(role, "files", "tour.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return templates.get_template("tour.html.j2").render(
        title=gathered.title,
        host=gathered.host,
        time=gathered.time,
        kernel=gathered.of_host["kernel"],
        chapters=walk(gathered),
        style=Markup(style),
        style_hash=f"sha256-{digest}",
    )
