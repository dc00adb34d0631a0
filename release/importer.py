"""What Ansible Galaxy checks of an artifact that is uploaded, by its own program, in an environment of its own.

galaxy-importer wants older packages than the tests, so it can't be in .venv.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from lab import CHECKOUT, LabError, cache

_REQUIREMENTS = CHECKOUT / "requirements-importer.txt"
_FOLDER = CHECKOUT / ".cache" / "importer"
# What it has against an artifact is in its log; its exit code tells only whether it came to an end.
_COMPLAINT = re.compile(r"^(?:WARNING|ERROR|CRITICAL): .*", re.MULTILINE)
_COMPLETED = "Importer processing completed successfully"


def complaints(artifact: Path, *, lint: bool) -> list[str]:
    """What galaxy-importer has against it; `lint` is whether it calls ansible-lint, which takes longest."""
    python = _provide()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment |= {
        "PATH": f"{python.parent}:{environment.get('PATH', os.defpath)}",
        "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true",
        "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": str(lint).lower(),
    }
    # It writes its result to where it is called.
    with TemporaryDirectory(prefix="fathom-importer-") as folder:
        done = subprocess.run(
            [str(python), "-m", "galaxy_importer.main", str(artifact)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    found = _COMPLAINT.findall(done.stdout + done.stderr)
    if _COMPLETED not in done.stdout:
        found.append((done.stderr.strip() or done.stdout.strip()).splitlines()[-1])
    return found


def _provide() -> Path:
    """The Python of the environment, made where there is none yet or its requirements have changed."""
    ready = _FOLDER / "ready"
    wanted = f"{sys.version}\n{_REQUIREMENTS.read_text(encoding='utf-8')}"
    python = _FOLDER / "bin" / "python"
    with cache.locked(_FOLDER.with_suffix(".lock")):
        if not ready.exists() or ready.read_text(encoding="utf-8") != wanted:
            shutil.rmtree(_FOLDER, ignore_errors=True)
            _run(sys.executable, "-m", "venv", "--without-pip", str(_FOLDER))
            pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--python", str(python))
            _run(*pip, "install", "--quiet", "--requirement", str(_REQUIREMENTS))
            ready.write_text(wanted, encoding="utf-8")
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"no environment for galaxy-importer: {' '.join(command)}: {done.stderr.strip()}")
