"""Molecule: roles and playbooks on hosts under test, verified by testinfra."""

from __future__ import annotations

from lab import CHECKOUT
from tests.parts.commands import COLLECTIONS, REPORTS, run
from tests.parts.outcome import Outcome, of_command, of_junit


def molecule() -> Outcome:
    """Each scenario counts as one test, that its sequence came through, and with the tests that verify it."""
    outcome = Outcome()
    for scenario in sorted(path.parent.name for path in CHECKOUT.glob("molecule/*/molecule.yml")):
        name = f"molecule {scenario}"
        report = REPORTS / f"molecule-{scenario}.xml"
        REPORTS.mkdir(parents=True, exist_ok=True)
        report.unlink(missing_ok=True)
        exit_code = run(
            ["molecule", "test", "--scenario-name", scenario],
            env={"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "PYTEST_ADDOPTS": f"--junit-xml={report}"},
        )
        outcome += of_command(name, exit_code)
        # A sequence that broke before its verification has failed already.
        if exit_code == 0 or report.exists():
            outcome += of_junit(f"{name} verify", 0, [report] if report.exists() else [])
    return outcome
