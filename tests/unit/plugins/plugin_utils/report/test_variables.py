# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.fathom.containers.plugins.plugin_utils.report.variables import VARIABLES, misspelt

ROLE = Path(__file__).resolve().parents[5] / "roles" / "audit"


def test_the_variables_are_those_of_the_role():
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    assert set(VARIABLES) == set(specs["argument_specs"]["main"]["options"])


def test_what_the_role_sets_itself_is_not_misspelt():
    tasks = yaml.safe_load((ROLE / "tasks" / "main.yml").read_text(encoding="utf-8"))
    variables = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))
    own = [task["register"] for task in tasks if "register" in task]
    assert misspelt([*own, *variables, *VARIABLES]) == []


def test_a_name_that_is_near_one():
    assert misspelt(["audit_fail_onn", "audit_polcy", "audit_team", "auditor", "fail_on"]) == [
        "the role has no variable 'audit_fail_onn'; is audit_fail_on meant?",
        "the role has no variable 'audit_polcy'; is audit_policy meant?",
    ]
