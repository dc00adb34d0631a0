# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of values in a policy: for each a function of (what it is called, what was written) that gives the value.

Values come from YAML, inventories and templates, so a number or a truth may be written as text. Raises FathomError.
"""

from __future__ import annotations

from ansible.module_utils.parsing.convert_bool import boolean

from ..errors import FathomError
from ..kernel.files import UNLIMITED
from .shown import near, shown
from .sizes import read_size


def keys(what, value, kinds, or_none=False, separator="."):
    """A dictionary with some of the keys of ``kinds`` (key -> kind); ``or_none``: None stands for one left out.

    A value is called ``what``, ``separator`` and its key in errors.
    """
    if not isinstance(value, dict):
        raise FathomError(f"{what} is {shown(value)}, expected a dictionary with some of {', '.join(kinds)}")
    if not value:
        raise FathomError(f"{what} is empty, expected some of {', '.join(kinds)}")
    read = {}
    for key, given in value.items():
        if not isinstance(key, str) or key not in kinds:
            raise FathomError(f"{what} has the unknown key {shown(key)}{near(key, list(kinds))}")
        if given is None and or_none:
            continue
        # A key that is Ansible's tagged text becomes plain text.
        read[str(key)] = kinds[key](f"{what}{separator}{key}", given)
    return read


def section(kinds, word=None):
    """The kind of a dictionary of its own; ``word`` alone is short for ``{word: true}``."""

    def kind(what, value):
        return keys(what, {word: True} if word is not None and value == word else value, kinds)

    return kind


def text(what, value):
    if not isinstance(value, str):
        raise FathomError(
            f"{what} is {shown(value)}, expected text; write a number or true in quotes if it is meant so"
        )
    if not value.strip():
        raise FathomError(f"{what} is empty, expected text")
    return str(value)


def texts(what, value):
    return _each(what, value, text)


def allowed(kind):
    """The kind of a list that may be empty, since it tells all that is allowed."""
    return lambda what, value: _each(what, value, kind, least=0)


def each(kind):
    """The kind of a list of such values."""
    return lambda what, value: _each(what, value, kind)


def any_of(kind):
    """The kind of a list that selects by such values."""
    empty = "which selects nothing; leave it out to select all"
    return lambda what, value: _each(what, value, kind, empty=empty)


def labels(what, value):
    """Label -> glob over its value."""
    if not isinstance(value, dict):
        raise FathomError(
            f"{what} is {shown(value)}, expected a dictionary of labels and values, such as {{tier: web}}"
        )
    if not value:
        raise FathomError(f"{what} is empty, which selects nothing; leave it out to select whatever the labels")
    return {
        text(f"the name of a label of {what}", key): _label(f"{what}[{shown(key)}]", glob)
        for key, glob in value.items()
    }


def choice(*accepted, prefix=""):
    """The kind of one word of these; where they have a prefix, it may be left out, and case does not matter."""

    def kind(what, value):
        word = value if isinstance(value, str) else ""
        if prefix:
            word = word.upper() if word.upper().startswith(prefix) else prefix + word.upper()
        if word not in accepted:
            raise FathomError(f"{what} is {shown(value)}{near(word, accepted)}")
        return str(word)

    return kind


def truth(what, value):
    try:
        # Any other number than 0 and 1 is no truth, and what can't be hashed is none either.
        return boolean(value)
    except (TypeError, ValueError):
        raise FathomError(f"{what} is {shown(value)}, expected true or false") from None


def demand(what, value):
    """True alone: what is not expected of a container is left out, and never stands for its opposite."""
    if not truth(what, value):
        raise FathomError(f"{what} is {shown(value)}, expected true; leave it out where it is not expected")
    return True


def size(what, value):
    return read_size(what, value, unlimited=False)


def limit(what, value):
    return read_size(what, value)


def limit_or_none(what, value):
    """0 is none at all."""
    return read_size(what, value, least=0)


def reservation(what, value):
    """0 and ``unlimited`` both reserve nothing, which is 0."""
    read = read_size(what, value, least=0)
    return 0 if read == UNLIMITED else read


def number(least, most, example, unit=""):
    """The kind of a number above ``least`` and up to ``most``, whole where ``least`` is an int; ``unit`` may follow."""
    to_number = float if isinstance(least, float) else int

    def kind(what, value):
        text_or_number = value
        if unit and isinstance(value, str) and value.rstrip().endswith(unit):
            text_or_number = value.rstrip()[: -len(unit)]
        try:
            if isinstance(value, bool) or not isinstance(value, (int, float, str)):
                raise ValueError
            read = to_number(text_or_number)
            if not least < read <= most or (isinstance(value, float) and read != value):
                raise ValueError
        except (ValueError, OverflowError):
            sort = "a number" if to_number is float else "a whole number"
            raise FathomError(
                f"{what} is {shown(value)}, expected {sort} above {least:g} and up to {most}, such as {example}"
            ) from None
        return read

    return kind


_percent = number(0.0, 100, "80 or 80%", "%")


def percent(what, value):
    read = _percent(what, value)
    if read < 1 and not (isinstance(value, str) and value.rstrip().endswith("%")):
        raise FathomError(
            f"{what} is {shown(value)}, expected percent; write {read * 100:g}, or {read:g}% if so little is meant"
        )
    return read


def path(what, value):
    if not text(what, value).startswith("/"):
        raise FathomError(
            f"{what} is {shown(value)}, expected an absolute path or a glob of such, as /var/run/docker.sock"
        )
    return str(value)


def _label(what, value):
    # An empty label is one that can be asked for.
    return "" if isinstance(value, str) and not value else text(what, value)


def _each(what, value, kind, least=1, empty="expected at least one"):
    if not isinstance(value, (list, tuple)):
        raise FathomError(f"{what} is {shown(value)}, expected a list; write [{_bare(value)}] for a single one")
    if len(value) < least:
        raise FathomError(f"{what} is an empty list, {empty}")
    return [kind(f"{what}[{index}]", one) for index, one in enumerate(value)]


def _bare(value):
    return shown(value) if isinstance(value, str) else "..."
