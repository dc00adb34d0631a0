# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of tasks that are there to be read, and that Ansible shows as it shows those of ``debug``."""

from __future__ import annotations

from ansible import constants
from ansible.plugins.loader import callback_loader


def told_to_people(lines: list[str]) -> dict[str, object]:
    """The lines as what a task has to say: as one text, or as a list where results are shown as JSON."""
    # Whatever callback shows results, this is where it is said how; its options are known once it is loaded.
    callback_loader.get("default", class_only=True)
    shown_as = constants.config.get_config_value("result_format", plugin_type="callback", plugin_name="default")
    return {"msg": lines if shown_as == "json" else "\n".join(lines), "_ansible_verbose_always": True}
