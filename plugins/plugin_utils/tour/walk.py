# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tour of one container: its chapters, in the order in which one thing explains the next. Pure."""

from __future__ import annotations

from .blocks import Chapter
from .cgroup_chapters import cgroup_chapters
from .container_chapters import container_chapters
from .gathered import Gathered
from .image_chapters import image_chapters
from .namespace_chapters import namespace_chapters


def walk(gathered: Gathered) -> list[Chapter]:
    return [
        *image_chapters(gathered),
        *container_chapters(gathered),
        *namespace_chapters(gathered),
        *cgroup_chapters(gathered),
    ]
