# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option ``gather_subset``, which facts modules have. Pure."""

from __future__ import annotations


def chosen_subsets(words, subsets, default):
    """As Ansible's setup reads it, the set of those chosen: what is only taken away is taken from the default.

    ``["!cpu"]`` -> all of the default but cpu; ``["all", "!io"]`` -> all but io; ``["!all", "io"]`` -> io.
    """
    added = {word for word in words if not word.startswith("!")}
    removed = {word[1:] for word in words if word.startswith("!")}
    if "all" in removed:
        chosen = added - {"all"}
    elif "all" in added:
        chosen = set(subsets)
    else:
        chosen = added or set(default)
    return chosen - removed


def subset_option(subsets, default):
    """Its argument spec."""
    choices = ["all", *subsets, "!all", *("!" + subset for subset in subsets)]
    return dict(type="list", elements="str", choices=choices, default=list(default))
