"""Running the commands of the parts: from the checkout, with the environment of the checkout."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab import CHECKOUT
from tests.parts.outcome import Outcome, of_junit

BIN = CHECKOUT / ".venv" / "bin"
COLLECTIONS = CHECKOUT / ".venv" / "collections"
REPORTS = CHECKOUT / ".cache" / "junit"
# What a part printed that ran beside the others.
OUTPUT = CHECKOUT / ".cache" / "output"


def run(command: Sequence[str], *, cwd: Path = CHECKOUT, env: Mapping[str, str] | None = None) -> int:
    """Run it with its output in view; its exit code."""
    print(f"\n+ {shlex.join(command)}", flush=True)
    environment = {name: value for name, value in os.environ.items() if name != "DOCKER_HOST"}
    environment["PATH"] = f"{BIN}:{environment.get('PATH', os.defpath)}"
    with subprocess.Popen(command, cwd=cwd, env={**environment, **(env or {})}, stdin=subprocess.DEVNULL) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The command was interrupted as well. It has things to remove, and subprocess.run would kill it at it.
            process.wait()
            raise


def pytest(
    name: str, *arguments: str, python: Path = Path(sys.executable), env: Mapping[str, str] | None = None
) -> Outcome:
    """Run pytest, in the environment of the checkout unless another's Python is given."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    exit_code = run([str(python), "-m", "pytest", "--junit-xml", str(report), *arguments], env=env)
    return of_junit(name, exit_code, [report] if report.exists() else [])
