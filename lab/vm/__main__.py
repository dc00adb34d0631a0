"""`python -m lab.vm [--name NAME] up|stop|status|inventory|ssh [COMMAND ...]`: a virtual machine for tests, by hand."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence

from lab import LabError
from lab.vm.image import HOST_NAME
from lab.vm.machine import Machine


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lab.vm", description="The virtual machine under test.")
    parser.add_argument("--name", help="of one beside the checkout's own, which has none")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="start it, made first if need be; one that runs is left as it is")
    verbs.add_parser("stop", help="end it and remove its disk")
    verbs.add_parser("status", help="say whether it runs; exit code 3 if not")
    verbs.add_parser("inventory", help="print the path of its Ansible inventory")
    ssh = verbs.add_parser("ssh", help="run a command on it as root, or a shell")
    ssh.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(argv)
    try:
        return _do(options, Machine.named(options.name) if options.name else Machine())
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1


def _do(options: argparse.Namespace, machine: Machine) -> int:
    if options.verb == "up":
        began = time.monotonic()
        shell = machine.up()
        taken_seconds = time.monotonic() - began
        print(f"{HOST_NAME} is up on 127.0.0.1:{shell.port} after {taken_seconds:.1f} s: {machine.inventory}")
    elif options.verb == "stop":
        print(f"{HOST_NAME} stopped" if machine.stop() else f"{HOST_NAME} was not running")
    elif options.verb == "status":
        if not machine.running():
            print(f"{HOST_NAME} is not running")
            return 3
        print(f"{HOST_NAME} is up on 127.0.0.1:{machine.shell().port}: {machine.inventory}")
    elif options.verb == "inventory":
        machine.shell()
        print(machine.inventory)
    else:
        line = machine.shell().command(*options.command)
        os.execvp(line[0], line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
