# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.fathom.containers.plugins.filter.sharing_picture import FilterModule
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container

sharing_picture = FilterModule().filters()["sharing_picture"]


def test_the_picture_of_an_answer():
    text = sharing_picture(answer([container("web")]), "one.example.org")
    assert text.startswith("<svg ")
    assert "Namespaces shared on one.example.org" in text
    assert "<style>" in text
    assert "<style>" not in sharing_picture(answer(), style=False)


@pytest.mark.parametrize("given", [{}, [], None, {"containers": [1], "shared": []}])
def test_something_else(given):
    with pytest.raises(
        AnsibleFilterError, match=r"sharing_picture takes what fathom\.containers\.container_audit returns"
    ):
        sharing_picture(given)
