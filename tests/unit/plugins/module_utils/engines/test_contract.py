# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import DECLARABLE, Engine, declare
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.engines.podman import Podman


def test_declare_has_every_setting():
    assert declare() == dict.fromkeys(DECLARABLE)
    assert declare(cpus=0.5)["cpus"] == 0.5
    assert set(declare(cpus=0.5)) == set(DECLARABLE)


def test_a_client_has_to_offer_all_of_the_contract():
    assert Engine.__abstractmethods__ == {
        "info",
        "list",
        "expect",
        "describe",
        "read",
        "objection",
        "update",
        "again",
        "close",
    }
    for client in (Docker, Podman):
        assert not client.__abstractmethods__
