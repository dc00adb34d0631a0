# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A filter over what container_memory_limit returns, and what it answers where it is given something else."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import FathomError


def limit_filter(name, function):
    """``function`` as a filter whose errors are for the user."""

    def apply(*given, **options):
        try:
            return function(*given, **options)
        except FathomError as exc:
            # Ansible tells a cause as well, which would say the same again.
            raise AnsibleFilterError(str(exc)) from None
        except (KeyError, TypeError, AttributeError, ValueError) as exc:
            raise AnsibleFilterError(
                f"{name} takes what fathom.containers.container_memory_limit returns, but what it was given lacks or "
                f"mistypes {exc}"
            ) from None

    return apply
