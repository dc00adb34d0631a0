# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pressure stall information of a cgroup (accounting/psi.rst)."""

from __future__ import annotations


def read_pressure(files, path):
    """{"some": {avg10, avg60, avg300, total_usec}, "full": ...}, shares in percent; None where PSI is absent."""
    kinds = files.nested(path)
    return {kind: _figures(figures) for kind, figures in kinds.items()} or None


def _figures(figures):
    shares = {key: float(figures[key]) for key in ("avg10", "avg60", "avg300") if key in figures}
    return dict(shares, total_usec=int(figures["total"])) if "total" in figures else shares
