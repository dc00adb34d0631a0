# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rule sets that come with the collection, as data that travels to the host.

A pack's module has ``RULES``, as YAML would give them, and ``NOT_JUDGED``, what its source asks for that is not judged.
"""

from __future__ import annotations

from ...errors import FathomError
from ..schema import read_policy
from ..shown import near, shown

PACKS = ("baseline", "cis_docker_1_6")


def load_packs(names):
    """(The rules of these packs, [{pack, item, title, reason}] of what is not judged)."""
    rules, not_judged = [], []
    for name in dict.fromkeys(names):
        pack = _pack(name)
        rules += [rule._replace(pack=name) for rule in read_policy(pack.RULES, f"the pack {name}")]
        not_judged += [
            {"pack": name, "item": item, "title": title, "reason": why} for item, title, why in pack.NOT_JUDGED
        ]
    return rules, not_judged


def with_packs(rules, names):
    """The same with the policy's own ``rules`` before them; FathomError where a pack has a rule of the same name."""
    packed, not_judged = load_packs(names)
    taken = {rule.name: rule.pack for rule in packed}
    for rule in rules:
        if rule.name in taken:
            raise FathomError(
                f"the policy has a rule of the name {shown(rule.name)}, which is that of a rule of the pack "
                f"{taken[rule.name]}; give it another name"
            )
    return [*rules, *packed], not_judged


def _pack(name):
    # Only those that are asked for cost their import.
    if name == "baseline":
        from . import baseline

        return baseline
    if name == "cis_docker_1_6":
        from . import cis_docker_1_6

        return cis_docker_1_6
    raise FathomError(f"no pack has the name {shown(name)}{near(name, PACKS)}")
