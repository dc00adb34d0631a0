# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spares a result the search for secrets that there are none of.

AnsibleModule goes through all that a module returns, to blot out the values of options with ``no_log``. It does so as
well where no option has it, and for the facts of 100 containers that takes longer than to read the kernel's files.
"""

from __future__ import annotations

from ansible.module_utils import basic


def spare_the_search(module):
    """Where the module was given nothing to hide, what it returns goes out as it is."""
    if not module.no_log_values:
        basic.remove_values = _as_it_is


def _as_it_is(value, _no_log_strings):
    return value
