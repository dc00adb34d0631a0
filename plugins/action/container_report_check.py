# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuses what could not be audited or reported, on the controller, before any host is asked."""

from __future__ import annotations

from ansible import constants
from ansible.plugins.action import ActionBase

from ..module_utils.errors import FathomError
from ..module_utils.options import check_options, shared_options
from ..module_utils.policy.packs import with_packs
from ..module_utils.policy.schema import read_policy
from ..module_utils.policy.waivers import read_waivers
from ..plugin_utils.report.folder import make_writable, real_folder
from ..plugin_utils.report.spool import Spool
from ..plugin_utils.report.variables import PREFIX, misspelt

_SPEC = shared_options(
    path={"type": "raw", "required": True},
    policy={"type": "raw"},
    packs={"type": "list", "elements": "str"},
    waivers={"type": "raw", "default": []},
)


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        _result, options = self.validate_argument_spec(_SPEC)
        result = dict(super().run(tmp, task_vars), changed=False, warnings=misspelt(task_vars))
        try:
            rules = read_policy(options["policy"]) if "policy" in self._task.args else []
            with_packs(rules, options["packs"] or [])
            read_waivers(options["waivers"])
            _check_shared(options)
            make_writable(real_folder(options["path"]), dry=self._task.check_mode)
            Spool(constants.DEFAULT_LOCAL_TMP).begin()
        except FathomError as exc:
            return dict(result, failed=True, msg=str(exc))
        return result


def _check_shared(options):
    """What the module would refuse on each host; told by the names of the role's variables."""
    try:
        check_options({option: options[option] for option in shared_options()}, _SPEC)
    except FathomError as exc:
        raise FathomError(f"{PREFIX}{exc}") from None
