# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hide what looks like a secret in a line of an image's history. Pure.

A build leaves the values of its arguments and variables there: in ENV, ARG and LABEL, in front of what RUN ran
(``|2 TOKEN=... USER=... /bin/sh -c ...``), and in the commands themselves. The builders write values bare, so that
where one with blanks ends is a guess; when in doubt, more is hidden.
"""

from __future__ import annotations

import re

MASK = "********"

# What a name has in it that looks secret, anywhere; as the beginning or the end of a word of it; as a whole word.
_ANYWHERE = ("passw", "passphrase", "secret", "token", "credential", "private", "apikey")
_AT_AN_END = ("key", "keys", "auth", "pass", "pwd")
_AS_BEGINNING = ("authoriz", "authent")
_AS_WORD = ("cred", "creds", "jwt", "bearer", "salt", "pin", "otp", "signature")
# The working directory and the one before it.
_HARMLESS = ("PWD", "OLDPWD")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_NAME = r"(?<![\w.-])[\w.-]+"
# NAME=, "NAME"= and "NAME=, from which on a value follows.
_ASSIGNMENT = re.compile(rf"""(?P<open>["']?)(?P<name>{_NAME})(?P<close>["']?)\+?=""", re.ASCII)
_NEXT_NAME = re.compile(rf"""\s["']?{_NAME}["']?=""", re.ASCII)
# A word of a shell: quoted pieces, an unfinished one too, escaped characters, and others, up to a blank.
_WORD = re.compile(r"""(?:"(?:[^"\\]|\\.)*(?:"|\Z)|'[^']*(?:'|\Z)|\\.|[^\s"'\\])*""", re.DOTALL)
_REST_IN_QUOTES = {
    '"': re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL),
    "'": re.compile(r"[^']*"),
}
# The instructions whose values are written bare: BuildKit's lines, and the classic builder's behind the image's shell.
_BARE = re.compile(r"(?:.{0,200}?#\(nop\)\s+)?(?:ENV|ARG|LABEL)\s")
_BUILD_ARGUMENTS = re.compile(r"(?:RUN\s+)?\|([0-9]{1,9})\s")
# Where a command begins behind such arguments: a shell of the image's, as in "/bin/bash -euo pipefail -c".
_COMMAND = re.compile(r"\s/\S*(?:\s-\S+|\s\w+){0,3}\s-\w*c\s")
# The password of an address: scheme://user:password@host.
_ADDRESS = re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)")


def looks_secret(name):
    """Whether the name of a variable says that its value is not for everybody."""
    if name in _HARMLESS:
        return False
    small = name.lower()
    squeezed = re.sub(r"[_.-]", "", small)
    if any(part in squeezed for part in _ANYWHERE):
        return True
    words = {word.lower() for word in _WORDS.findall(name)}
    return any(
        word in _AS_WORD or word.endswith(_AT_AN_END) or word.startswith(_AS_BEGINNING)
        for word in words.union(re.split(r"[_.-]", small))
    )


def mask(line, env=()):
    """The line with what looks secret hidden; ``env`` are assignments that are known exactly, as NAME=value."""
    for known in env:
        name, equals, value = known.partition("=")
        if value and looks_secret(name):
            line = line.replace(known, name + equals + MASK)
    arguments = _BUILD_ARGUMENTS.match(line)
    if arguments:
        command = _COMMAND.search(line, arguments.end() - 1)
        end = command.start() if command else len(line)
        head = _mask_bare(line[:end], int(arguments.group(1)))
        line = head + _mask_words(line[end:])
    elif _BARE.match(line):
        line = _mask_bare(line)
    else:
        line = _mask_words(line)
    return _ADDRESS.sub(rf"\1{MASK}", line)


def _mask_bare(text, count=None):
    """Values that go on to the next assignment. With more of those than the ``count`` that there are, to the end."""
    sure = count is None or len(_NEXT_NAME.findall(text)) <= count

    def end_of_value(begin, _quote):
        following = _NEXT_NAME.search(text, begin) if sure else None
        return following.start() if following else len(text)

    return _mask(text, end_of_value)


def _mask_words(text):
    """Values that end as a shell's words do, or with the quotes around them and their name."""
    return _mask(text, lambda begin, quote: (_REST_IN_QUOTES[quote] if quote else _WORD).match(text, begin).end())


def _mask(text, end_of_value):
    parts = []
    done = 0
    for assignment in _ASSIGNMENT.finditer(text):
        if assignment.start() < done or not looks_secret(assignment.group("name")):
            continue
        quote = assignment.group("open") if not assignment.group("close") else ""
        begin = assignment.end()
        end = end_of_value(begin, quote)
        if end > begin:
            parts += [text[done:begin], MASK]
            done = end
    return "".join(parts) + text[done:]
