# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""container_nsenter: a program run in namespaces of one container."""

from __future__ import annotations

import base64
import errno
import os
import re
import signal

from ..containers.cgroups import read_init
from ..containers.inventory import take_inventory
from ..containers.record import identity_record
from ..errors import FathomError, Gone
from ..kernel.files import Files, printable
from ..kernel.host import read_host
from .doors import check_types, close_doors, open_doors
from .run import Program, run

_LONGEST_TIMEOUT_SECONDS = 86400
_LONGEST_QUOTE = 200
# A list in place of a text, as Ansible spells it.
_LIST = re.compile(r"\[(?:['\"].*)?\]\Z", re.DOTALL)


def nsenter(params, witnesses, check_mode):
    """(What the module returns, warnings). Raises FathomError where nothing was run."""
    program = read_program(params)
    host = read_host(Files())
    kinds = check_types(host.files, params["namespaces"])
    container, warnings = _find(host, witnesses, params)
    init = _read_init(host, container)
    doors, own = open_doors(host.files, init, kinds)
    try:
        result = {
            "changed": not check_mode,
            "container": identity_record(container, init.pid),
            "pid": init.pid,
            "argv": params["argv"],
            "namespaces": [door.kind for door in doors],
            "already_in": own,
        }
        if check_mode:
            result.update(skipped=True, msg=f"would have run {_where(params, container, init)} if not in check mode")
            return result, warnings
        outcome = run(program, doors)
    except ImportError as exc:
        raise FathomError(f"the Python of this host can't enter a namespace: {exc}; use Python 3.12 or later") from exc
    finally:
        close_doors(doors)
    if outcome.failure is not None:
        raise FathomError(_explain(*outcome.failure, params, container, init))
    result.update(_told(outcome, params["strip_empty_ends"]))
    return _judged(result, outcome, params), warnings


def read_program(params):
    """Raises FathomError for words that no program can be given."""
    timeout_seconds = params["timeout"]
    if not 0 < timeout_seconds <= _LONGEST_TIMEOUT_SECONDS:
        raise FathomError(
            f"timeout is {timeout_seconds:g}, expected seconds above 0 and up to {_LONGEST_TIMEOUT_SECONDS}"
        )
    argv = [_word("argv", word) for word in params["argv"]]
    if not argv[0]:
        raise FathomError("the first of argv is empty, expected a program: its name, or its path")
    return Program(argv, None if params["chdir"] is None else _word("chdir", params["chdir"]), timeout_seconds)


def _word(option, text):
    if "\0" in text:
        raise FathomError(f"{option} has a word with a null byte ({text[:80]!r}), which no program can be given")
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as exc:
        raise FathomError(f"{option} has a word that is no text ({text[:80]!r}): {exc.reason}") from exc


def _find(host, witnesses, params):
    word = params["container"]
    inventory = take_inventory(host, witnesses, [word], params["engines"], about_engines=False)
    found = inventory.containers
    if len(found) == 1:
        return found[0], inventory.warnings
    if not found and _LIST.match(word):
        raise FathomError(f"container is the list {word}, expected the name or id of one; a loop enters several")
    if not found:
        raise FathomError(f"no container matches {word!r}; give the name or id of one")
    names = ", ".join(ascii(one.name or one.id[:12])[1:-1] for one in found[:10])
    raise FathomError(f"container is {word!r}, which fits {len(found)}: {names}; give the name or id of one")


def _read_init(host, container):
    title = _title(container)
    files = host.files.again()
    try:
        init = read_init(host, files, container)
    except Gone as exc:
        raise FathomError(f"container {title} ended while it was looked at") from exc
    if init is None and files.unreadable:
        raise FathomError(
            f"container {title} can't be entered from here: {files.unreadable[0]['path']}, "
            f"{files.unreadable[0]['reason']}; run the task on the host that the container runs on"
        )
    if init is None:
        raise FathomError(
            f"container {title} does not run (its state is {container.state or 'unknown'}), so that it has no "
            "namespaces to enter; start it first"
        )
    return init


_WAYS_OUT = {
    "chdir": "chdir is to be a directory {side}",
    "execute": "argv is to begin with a program {side}, by its path or by a name that is searched in PATH",
    "root": "its user namespace has no root to become; leave out user",
    "fork": "its PID namespace may have ended with its init; see whether the container still runs",
}
_STEPS = {
    "chdir": "could not change to {chdir!r}",
    "execute": "could not execute {program!r}",
    "root": "could not become root",
    "fork": "could not start a process",
}


def _explain(step, number, params, container, init):
    side = "in the container" if "mnt" in params["namespaces"] else "of the host, since mnt is not among namespaces"
    what = _STEPS.get(step, f"could not enter its {step} namespace").format(
        chdir=params["chdir"], program=params["argv"][0]
    )
    way_out = _WAYS_OUT.get(step, "only root may, and only from the same namespaces or those around them").format(
        side=side
    )
    if step == "execute" and number == errno.ENOENT and len(params["argv"][0].split()) > 1:
        words = ", ".join(params["argv"][0].split())
        way_out = f"argv is a list with an entry for each word, such as [{words}], and no shell reads it"
    return (
        f"container {container.name or container.id[:12]!r} (PID {init.pid}): {what}: {os.strerror(number)}; {way_out}"
    )


def _where(params, container, init):
    kinds = ", ".join(params["namespaces"])
    return f"{params['argv']!r} in {kinds} of {_title(container)} (PID {init.pid})"


def _title(container):
    return repr(container.name or container.id[:12])


def _told(outcome, strip):
    told = {"rc": outcome.rc}
    for name, data, truncated in (
        ("stdout", outcome.stdout, outcome.stdout_truncated),
        ("stderr", outcome.stderr, outcome.stderr_truncated),
    ):
        text = printable(data)
        told[name] = text.rstrip("\r\n") if strip else text
        told[name + "_truncated"] = truncated
        if not _is_text(data):
            told[name + "_base64"] = base64.b64encode(data).decode("ascii")
    return told


def _is_text(data):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _judged(result, outcome, params):
    if outcome.timed_out:
        result.update(
            failed=True, msg=f"the program did not end within {params['timeout']:g} s, and its process group was killed"
        )
    elif outcome.rc is None:
        result.update(failed=True, msg="the process that waited for the program was killed, so how it ended is unknown")
    elif outcome.rc != 0:
        how = f"was ended by {_signal(-outcome.rc)}" if outcome.rc < 0 else f"ended with {outcome.rc}, expected 0"
        result.update(failed=True, msg=f"the program {how}{_last_words(outcome.stderr)}")
    return result


def _signal(number):
    """``SIGKILL``; those without a name by their number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_words(stderr):
    """How a message about a program that failed goes on: the end of the last that it wrote to stderr."""
    lines = [line for line in printable(stderr).splitlines() if line.strip()]
    return f"; it says {lines[-1].strip()[:_LONGEST_QUOTE]!r}" if lines else ""
