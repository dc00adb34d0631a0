"""ansible-test: Ansible's own checks of a collection, and the unit tests with every Python a target may have."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ansible.release import __version__ as ansible_version

from lab import CHECKOUT, LabError, cache, cores
from tests.parts import pythons
from tests.parts.commands import BIN, run
from tests.parts.outcome import Outcome, of_junit

# ansible-test follows no link to a checkout: it wants to stand in a folder of this name.
_HOME = CHECKOUT / ".cache" / "ansible-test"
COPY = _HOME / "ansible_collections" / "fathom" / "containers"
# What is in the checkout and no part of the collection, so that Ansible's rules for collections are not its rules.
_BESIDE_THE_COLLECTION = (
    *(".ci/", "bench/", "demo/", "lab/", "molecule/", "release/"),
    *("tests/live/", "tests/parts/", "tests/report/", "tests/run.py", "tests/tools/", "tests/vm/"),
)
# What the Pythons and other programs say of the files is the same with every ansible-core.
_OF_OTHERS = tuple(
    word for test in ("compile", "import", "changelog", "pep8", "yamllint") for word in ("--skip-test", test)
)
# The pip that ansible-test puts into the environments of its tests.
_PIP = re.compile(r"\bpip='([0-9.]+)'")


def sanity() -> Outcome:
    """`ansible-test sanity` without exception; with each other series of ansible-core, what depends on that."""
    outcome = Outcome()
    for ignored in sorted(CHECKOUT.glob("tests/sanity/ignore-*.txt")):
        if ignored.read_text(encoding="utf-8").strip():
            outcome.failures.append(f"{ignored.relative_to(CHECKOUT)} is not empty: nothing is ignored here")
    outcome += pythons.absent("sanity", pythons.find()) + _run("sanity", "--junit")
    for core in cores.supported(pythons.newest()):
        if not ansible_version.startswith(f"{core.series}."):
            outcome += _run("sanity", "--junit", *_OF_OTHERS, programs=core.programs)
    return outcome


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


def _run(command: str, *arguments: str, programs: Path = BIN) -> Outcome:
    found = pythons.find()
    reports = COPY / "tests" / "output" / "junit"
    path = ":".join([*(str(python.parent) for python in found.values()), os.environ.get("PATH", os.defpath)])
    # One at a time: a second run would change the copy below the first, and take its reports away.
    with cache.locked(_HOME / "lock"):
        _copy_checkout()
        _provide_pip(programs)
        shutil.rmtree(reports, ignore_errors=True)
        exit_code = run(
            [str(programs / "ansible-test"), command, *arguments, "--color", "no"],
            cwd=COPY,
            env={"PATH": f"{programs}:{path}"},
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


def _provide_pip(programs: Path) -> None:
    """Put pip where ansible-test keeps it: it would fetch a script from a server of its own, pip brings it as well."""
    (requirements,) = programs.parent.glob("lib/python3*/site-packages/ansible_test/_internal/python_requirements.py")
    for version in set(_PIP.findall(requirements.read_text(encoding="utf-8"))):
        _provide(version)


def _provide(version: str) -> None:
    folder = Path("~/.ansible/test/cache").expanduser()
    script = folder / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*download, "--dest", folder, f"pip=={version}"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"ansible-test needs pip {version}, and pip does not bring it: {done.stderr.strip()}")
    wheel = folder / f"pip-{version}-py3-none-any.whl"
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
