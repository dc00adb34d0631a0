# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.policy.sizes import (
    read_size,
    spell_size,
)
from hypothesis import example, given
from hypothesis import strategies as st

MIB = 1 << 20


@pytest.mark.parametrize(
    ("written", "size_bytes"),
    [
        ("268435456", 256 * MIB),
        (268435456, 256 * MIB),
        (268435456.0, 256 * MIB),
        ("256M", 256 * MIB),
        ("256m", 256 * MIB),
        ("256MB", 256 * MIB),
        ("256MiB", 256 * MIB),
        ("256 MiB", 256 * MIB),
        ("256Mi", 256 * MIB),
        (" 256 M ", 256 * MIB),
        ("1.5G", 1536 * MIB),
        ("1.5GiB", 1536 * MIB),
        (".5G", 512 * MIB),
        ("64KiB", 65536),
        ("64k", 65536),
        ("2TiB", 2 << 40),
        ("1 megabyte", MIB),
        ("512B", 512),
        ("9007199254740993", (1 << 53) + 1),
        ("unlimited", UNLIMITED),
    ],
)
def test_sizes(written, size_bytes):
    read = read_size("memory", written)
    assert read == size_bytes
    assert isinstance(read, int) or read == UNLIMITED


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            " ",
            "lots",
            "-1",
            "-256M",
            "+1M",
            "256X",
            "M",
            "1..5G",
            "1.5.0G",
            "1G 2M",
            "0x10",
            "1e6",
            "1_000",
            "256MiBs",
        ),
        *("Unlimited", "max", "inf", "nan", "٣٢M", "9" * 5000, "1" + "0" * 400 + "G", "{{ memory }}", "256M\x1b[31m"),
        *(-1, -0.5, 1.5, float("nan"), float("inf"), True, False, None, [], {}, ["256M"], b"256M"),
    ],
)
def test_what_is_no_size(written):
    with pytest.raises(
        FathomError, match=r"memory is .*, expected a size in bytes or in powers of 1024.* 'unlimited'"
    ) as e:
        read_size("memory", written)
    assert str(e.value).isprintable()
    assert len(str(e.value)) < 300


@pytest.mark.parametrize("written", ["256Mb", "256Mib", "1 Gb", "64kb"])
def test_bits_are_no_memory(written):
    with pytest.raises(FathomError, match="a small b means bits"):
        read_size("memory", written)


@pytest.mark.parametrize("written", ["0", 0, "0M", 0.0, "0.0001"])
def test_zero_only_where_it_makes_sense(written):
    assert read_size("swap", written, least=0) == 0
    with pytest.raises(FathomError, match=r"no memory at all; expected a size .* or 'unlimited'"):
        read_size("memory", written)


@pytest.mark.parametrize("written", ["4EiB", 1 << 62, "9223372036854771712", 1 << 1100, "9E"])
def test_what_the_kernel_takes_for_unlimited_has_to_be_said(written):
    with pytest.raises(FathomError, match="expected less than 4 EiB, or 'unlimited'"):
        read_size("memory", written)


def test_unlimited_where_a_size_has_to_be():
    with pytest.raises(FathomError, match=r"memory.max is 'unlimited', expected a size.*1.5G\Z"):
        read_size("memory.max", "unlimited", unlimited=False)


@pytest.mark.parametrize("written", [64, "64", " 64 ", 64.0])
def test_a_small_number_without_a_unit_is_no_size(written):
    with pytest.raises(FathomError, match="a number without a unit is bytes; write 64MiB, or 64B if"):
        read_size("memory", written)
    assert read_size("memory", "64B") == 64


@given(st.integers(0, (1 << 62) - 1) | st.just(UNLIMITED))
def test_what_is_spelled_is_read_again(size_bytes):
    assert read_size("memory", spell_size(size_bytes), least=0) == size_bytes


@given(st.integers(1 << 20, (1 << 62) - 1))
def test_every_number_of_bytes_is_read_exactly(size_bytes):
    assert read_size("memory", size_bytes) == read_size("memory", str(size_bytes)) == size_bytes


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.from_regex(r"\A[0-9.]{1,30} ?[A-Za-z]{0,4}\Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=3,
)


@given(anything, st.sampled_from([0, 1]), st.booleans())
@example("." * 40, 1, True)
def test_anything_is_a_size_or_refused(written, least, unlimited):
    try:
        read = read_size("memory", written, least, unlimited)
    except FathomError:
        return
    assert (read == UNLIMITED and unlimited) or (isinstance(read, int) and least <= read < 1 << 62)
