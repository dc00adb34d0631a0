# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# In a process of its own: what is spared is spared for good.
PROGRAM = """
import json, sys
from ansible.module_utils import basic
from ansible_collections.fathom.containers.plugins.module_utils.nothing_hidden import spare_the_search

basic._ANSIBLE_PROFILE = "legacy"
basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": {"word": "s3cret"}}).encode()
module = basic.AnsibleModule({"word": {"type": "str", "no_log": sys.argv[1] == "hidden"}})
searched = []
search = basic.remove_values
basic.remove_values = lambda value, words: searched.append(1) or search(value, words)
spare_the_search(module)
module.warn("a warning")
try:
    module.exit_json(changed=False, told=["s3cret", {"n": 1, "none": None}], path="/x", searched=searched)
except SystemExit:
    pass
"""


@pytest.mark.parametrize(("option", "word"), [("hidden", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"), ("open", "s3cret")])
def test_a_result_is_searched_where_there_is_something_to_hide(option, word):
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, option],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    result = json.loads(ran.stdout)
    assert result["told"] == [word, {"n": 1, "none": None}]
    assert result["changed"] is False
    assert "a warning" in json.dumps(result["warnings"])
    assert result["searched"] == ([1] if option == "hidden" else [])
