# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imported before the rest of this package, it halves what the rest costs to import.

Ansible sends a module's code as a zip archive of sources. Python's zipimport compiles each of them twice: once to run
it, and before that once to say where it is (``get_filename``). With 50 files that is a third of the whole import.
"""

from __future__ import annotations

import functools
import zipimport

# zipimport's own, in all versions from 3.8 on; without it everything works, and takes longer.
_COMPILE = "_get_module_code"

if hasattr(zipimport, _COMPILE):
    setattr(zipimport, _COMPILE, functools.lru_cache(maxsize=None)(getattr(zipimport, _COMPILE)))
