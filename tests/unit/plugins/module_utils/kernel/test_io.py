# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.module_utils.kernel.io import FIGURES, devices


def test_every_figure_of_every_device_and_none_where_there_is_none():
    rows = devices({"8:16": {"read_bytes": 1}, "8:0": {"write_limit_bytes_per_second": 2}})
    assert [row["device"] for row in rows] == ["8:0", "8:16"]
    assert all(set(row) == {"device", *FIGURES} for row in rows)
    assert rows[1] == dict(dict.fromkeys(FIGURES), device="8:16", read_bytes=1)


def test_no_device():
    assert devices({}) == []
