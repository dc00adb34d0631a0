"""ansible-test: Ansible's own checks of a collection, and the unit tests with every Python a target may have."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

from lab import CHECKOUT, LabError, cache
from tests.parts import pythons
from tests.parts.commands import run
from tests.parts.outcome import Outcome, of_junit

# ansible-test follows no link to a checkout: it wants to stand in a folder of this name.
_HOME = CHECKOUT / ".cache" / "ansible-test"
COPY = _HOME / "ansible_collections" / "fathom" / "containers"
# What is in the checkout and no part of the collection, so that Ansible's rules for collections are not its rules.
_BESIDE_THE_COLLECTION = (
    *(".ci/", "bench/", "demo/", "lab/", "molecule/", "release/"),
    *("tests/live/", "tests/parts/", "tests/report/", "tests/run.py", "tests/tools/", "tests/vm/"),
)
# The pip that ansible-core 2.19 puts into the environments of its tests.
_PIP = "24.2"


def sanity() -> Outcome:
    """`ansible-test sanity`, all of it, with no exception."""
    outcome = Outcome()
    for ignored in sorted(CHECKOUT.glob("tests/sanity/ignore-*.txt")):
        if ignored.read_text(encoding="utf-8").strip():
            outcome.failures.append(f"{ignored.relative_to(CHECKOUT)} is not empty: nothing is ignored here")
    return outcome + pythons.absent("sanity", pythons.find()) + _run("sanity", "--junit")


def units() -> Outcome:
    """The unit tests of the modules as Ansible runs them, with each Python; targets.py has the others."""
    found = pythons.find()
    outcome = pythons.absent("units", found)
    for version in found:
        outcome += _run("units", "--venv", "--python", version, "tests/unit/plugins/modules/")
    return outcome


def integration() -> Outcome:
    """The integration targets on this machine itself: they start and end containers of their own, with no engine."""
    return _run("integration", "--local", "--allow-destructive")


def _run(command: str, *arguments: str) -> Outcome:
    found = pythons.find()
    reports = COPY / "tests" / "output" / "junit"
    path = ":".join([*(str(python.parent) for python in found.values()), os.environ.get("PATH", os.defpath)])
    bin_folder = Path(sys.executable).parent
    # One at a time: a second run would change the copy below the first, and take its reports away.
    with cache.locked(_HOME / "lock"):
        _copy_checkout()
        _provide_pip()
        shutil.rmtree(reports, ignore_errors=True)
        exit_code = run(
            [str(bin_folder / "ansible-test"), command, *arguments, "--color", "no"],
            cwd=COPY,
            env={"PATH": f"{bin_folder}:{path}"},
        )
        return of_junit(f"ansible-test {command}", exit_code, sorted(reports.glob("*.xml")))


def _copy_checkout() -> None:
    """Bring COPY up to date with the files that git knows or would know; what the tests left there stays."""
    asked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode != 0:
        raise LabError(f"ansible-test works on a copy of the files that git knows, and: {asked.stderr.strip()}")
    # A repository of its own: else ansible-test finds the checkout's, which ignores what is below .cache.
    COPY.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "--quiet", "."], cwd=COPY, check=True)
    names = (name for name in asked.stdout.split("\0") if name and not name.startswith(_BESIDE_THE_COLLECTION))
    wanted = {name for name in names if (CHECKOUT / name).is_file()}
    for name in wanted:
        source, target = CHECKOUT / name, COPY / name
        if not (target.is_file() and filecmp.cmp(source, target)):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    for path in COPY.rglob("*"):
        name = path.relative_to(COPY).as_posix()
        if not name.startswith((".git/", "tests/output/")) and not path.is_dir() and name not in wanted:
            path.unlink()


def _provide_pip() -> None:
    """Put pip where ansible-test keeps it: it would fetch a script from a server of its own, pip brings it as well."""
    folder = Path("~/.ansible/test/cache").expanduser()
    script = folder / f"get_pip_{_PIP.replace('.', '_')}.py"
    if script.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*download, "--dest", folder, f"pip=={_PIP}"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"ansible-test needs pip {_PIP}, and pip does not bring it: {done.stderr.strip()}")
    wheel = folder / f"pip-{_PIP}-py3-none-any.whl"
    # ansible-test calls it as it would get-pip.py: with names of packages, and options that only that script knows.
    script.write_text(
        "import runpy\n"
        "import sys\n"
        f"sys.path.insert(0, {str(wheel)!r})\n"
        "known = [word for word in sys.argv[1:] if word not in ('--no-setuptools', '--no-wheel')]\n"
        f"sys.argv[1:] = ['install', '--no-index', '--find-links', {str(folder)!r}] + known\n"
        "runpy.run_module('pip', run_name='__main__')\n",
        encoding="utf-8",
    )
