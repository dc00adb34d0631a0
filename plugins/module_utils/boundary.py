# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module boundary: the one place where an error becomes a failed task."""

from __future__ import annotations

import gc

from . import once_compiled  # noqa: F401  # pylint: disable=unused-import
from .engines.find import witnesses
from .errors import FathomError
from .nothing_hidden import spare_the_search
from .options import check_options


def run(module, action):
    """``action(params, witnesses)`` gives (what the module returns, warnings); ends the module."""
    spare_the_search(module)
    # A module ends before its garbage is worth a search.
    gc.disable()
    asked = []
    try:
        check_options(module.params, module.argument_spec)
        asked = witnesses(module.params)
        result, warnings = action(module.params, asked)
    except FathomError as exc:
        module.fail_json(msg=str(exc))
    finally:
        for witness in asked:
            witness.close()
    for warning in warnings:
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
