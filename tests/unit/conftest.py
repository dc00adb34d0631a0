# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from hypothesis import settings

# No deadline: a loaded machine is no failure. No data base: tests leave nothing behind in the checkout.
settings.register_profile("unit", deadline=None, database=None)
settings.load_profile("unit")
