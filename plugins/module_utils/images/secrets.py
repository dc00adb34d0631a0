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
_HIDDEN = re.compile(re.escape(MASK) + r"(?![\w*])")

# What a name has in it that looks secret, anywhere; as the beginning or the end of a word of it; as a whole word.
_ANYWHERE = ("passw", "passphrase", "secret", "token", "credential", "private", "apikey")
_AT_AN_END = ("key", "keys", "auth", "pass", "pwd")
_AS_BEGINNING = ("authoriz", "authent")
_AS_WORD = ("cred", "creds", "jwt", "bearer", "salt", "pin", "pat", "otp", "signature")
# The working directory and the one before it.
_HARMLESS = ("PWD", "OLDPWD")
# Options whose values are places, ids of public keys, or none at all: adduser --disabled-password, gpg --recv-keys.
_PUBLIC = re.compile(r"--(?:(?:no|disabled?|without|skip|recv|receive|fetch)-|.*(?:file|path|dir|stdin|-fd)\Z)")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_NAME = r"(?<![\w.-])[\w.-]+"
# A quote; within other quotes it has one, three or seven backslashes before it.
_QUOTE = r"""(?:\\(?:\\\\){0,3})?["']"""
# What a value follows: NAME=, NAME: and, of an option, a blank or the comma of a list; the name may be in quotes.
_LEAD = re.compile(
    rf"""(?P<open>{_QUOTE})?(?P<name>{_NAME})(?P<close>{_QUOTE})?"""
    r"""(?:(?P<equals>\+?=)|[ \t]*:[ \t]*|(?P<apart>[ \t]*,\s*|(?:\s|\\\n)+))""",
    re.ASCII,
)
_NEXT_NAME = re.compile(rf"""\s["']?{_NAME}["']?=""", re.ASCII)
# Quoted pieces, unfinished ones too, and escaped characters.
_PIECES = (
    r"""(?P<quote>\\(?:\\\\){0,3}["'])(?:(?!(?<!\\)(?P=quote)).)*(?:(?P=quote)|\Z)|"""
    r""""(?:[^"\\]|\\(?:.|\Z))*(?:"|\Z)|'[^']*(?:'|\Z)|\\(?:.|\Z)"""
)
# A word of a shell, up to a blank; a value of JSON, which is a list or ends before a comma or a bracket as well; and
# text without quotes around it, up to the next command of a shell.
_WORD = re.compile(rf"""(?:{_PIECES}|[^\s"'\\])*""", re.DOTALL)
_ITEM = re.compile(rf"""(?:\[[^\]]*\]?)?(?:{_PIECES}|[^\s"'\\,\]}}])*""", re.DOTALL)
_LINE = re.compile(r".*?(?=\s(?:&&|\|\|?)\s|\n|\Z)")
_BEGINS_QUOTED = re.compile(_QUOTE)
# In the place of an option's value: the next option, or what a shell does next.
_NO_VALUE = re.compile(rf"""(?:{_QUOTE})?--\w|[&|;<>)\]}}#]""", re.ASCII)
# The instructions whose values are written bare: BuildKit's lines, and the classic builder's behind the image's shell.
_BARE = re.compile(r"(?:.{0,200}?#\(nop\)\s+)?(?:ENV|ARG|LABEL)\s")
_BUILD_ARGUMENTS = re.compile(r"(?:RUN\s+)?\|([0-9]{1,9})\s")
# Where a command begins behind such arguments: a shell of the image's, as in "/bin/bash -euo pipefail -c".
_COMMAND = re.compile(r"\s/\S*(?:\s-\S+|\s\w+){0,3}\s-\w*c\s")
# Of an address scheme://user:password@host the password, up to the last @; of https://token@host the token.
_PASSWORD = re.compile(r"(://[^\s/:]*:)[^\s/]+(?=@)")
_TOKEN = re.compile(r"((?:(?<=http)|(?<=https))://)[\w.~%+=@-]+(?=@)", re.ASCII)
# Of an option -u user:password the password; a number in its place is a group's.
_LOGIN = re.compile(
    r"""((?:^|[\s"'])(?:-u|-U|--user|--proxy-user)(?:=|\s+|["'],\s*)(?P<quote>["'])?[^\s:"'/]*:)"""
    r"""(?!\d+(?:[\s"']|\Z))(?(quote)(?:(?!(?P=quote)).)+|[^\s"'/]+)""",
    re.DOTALL,
)


def looks_secret(name):
    """Whether the name of a variable, an option or a field says that its value is not for everybody."""
    small = name.lower()
    if name in _HARMLESS or _PUBLIC.match(small):
        return False
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
        line = _mask_bare(line[:end], int(arguments.group(1))) + line[end:]
    elif _BARE.match(line):
        line = _mask_bare(line)
    line = _mask(line, _end_of_value)
    for secret in (_PASSWORD, _TOKEN, _LOGIN):
        line = secret.sub(rf"\1{MASK}", line)
    return line


def _mask_bare(text, count=None):
    """Values that go on to the next assignment. With more of those than the ``count`` that there are, to the end."""
    sure = count is None or len(_NEXT_NAME.findall(text)) <= count

    def end_of_value(text, lead):
        if not lead.group("equals"):
            return lead.end()
        following = _NEXT_NAME.search(text, lead.end()) if sure else None
        return following.start() if following else len(text)

    return _mask(text, end_of_value)


def _mask(text, end_of_value):
    parts = []
    done = position = 0
    while True:
        lead = _LEAD.search(text, position)
        if lead is None:
            return "".join(parts) + text[done:]
        begin = position = lead.end()
        if looks_secret(lead.group("name")) and not _HIDDEN.match(text, begin):
            end = end_of_value(text, lead)
            if end > begin:
                parts += [text[done:begin], MASK]
                done = position = end


def _end_of_value(text, lead):
    """Where the value ends that is as a shell, JSON or a header of HTTP has it; where it begins if there is none."""
    begin = lead.end()
    # Around the name and its value.
    quote = lead.group("open") if not lead.group("close") else None
    if lead.group("apart"):
        if not lead.group("name").startswith("--") or _NO_VALUE.match(text, begin):
            return begin
        return (_ITEM if lead.group("close") else _WORD).match(text, begin).end()
    if quote:
        return _end_of_quoted(text, begin, quote)
    if lead.group("equals"):
        return _WORD.match(text, begin).end()
    if lead.group("close") or _BEGINS_QUOTED.match(text, begin):
        # Of what is in braces each value is hidden by its own name.
        return begin if text.startswith("{", begin) else _ITEM.match(text, begin).end()
    if text[begin - 1] != ":":
        return _LINE.match(text, begin).end()
    # As in /srv/key:/key and git@token:x, where it is no name.
    name = lead.start("name")
    return begin if text[name - 1 : name] in ("/", "@") else _WORD.match(text, begin).end()


def _end_of_quoted(text, begin, quote):
    end = text.find(quote, begin)
    while end > 0 and text[end - 1] == "\\":
        end = text.find(quote, end + 1)
    return len(text) if end < 0 else end
