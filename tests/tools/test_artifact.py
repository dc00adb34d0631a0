"""The built collection: what is in it, what Galaxy says of it, and that it works where no checkout is."""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

from lab import CHECKOUT
from release import artifact, importer
from release.artifact import Installation

AT_THE_TOP = {
    *("MANIFEST.json", "FILES.json", "README.md", "SECURITY.md", "LICENSE"),
    *("changelogs", "docs", "meta", "playbooks", "plugins", "roles"),
}
# Written by a release.
AT_THE_TOP_LATER = {"CHANGELOG.md"}
MOST_BYTES = 1024 * 1024
NONE = ["no-such-container-*"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return artifact.build(CHECKOUT, tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return artifact.install(built, tmp_path_factory.mktemp("home"))


def test_it_has_the_collection_and_nothing_of_the_tests_or_of_caches(built: Path) -> None:
    with tarfile.open(built) as members:
        names = [Path(name) for name in members.getnames()]
    assert {name.parts[0] for name in names} - AT_THE_TOP_LATER == AT_THE_TOP
    hidden = [str(name) for name in names if any(part.startswith((".", "__py")) for part in name.parts)]
    assert hidden == []
    assert {name.suffix for name in names if name.parts[0] == "plugins"} == {"", ".py"}
    assert built.stat().st_size < MOST_BYTES


def test_its_version_is_that_of_galaxy_yml(built: Path) -> None:
    version = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    assert built.name == f"fathom-containers-{version}.tar.gz"


def test_galaxy_has_nothing_against_it(built: Path) -> None:
    # What ansible-lint says is in the part `lint`.
    assert importer.complaints(built, lint=False) == []


def test_what_galaxy_has_against_an_artifact_is_told(built: Path, tmp_path: Path) -> None:
    """Of one that lacks what its own list of files has."""
    spoilt = tmp_path / built.name
    with tarfile.open(built) as source, tarfile.open(spoilt, "w:gz") as target:
        for member in source.getmembers():
            if not member.name.startswith("roles/"):
                target.addfile(member, source.extractfile(member))
    assert importer.complaints(spoilt, lint=False) != []


def test_every_module_and_role_has_its_page(installed: Installation) -> None:
    modules = {path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py")}
    roles = {path.name for path in (CHECKOUT / "roles").iterdir()}
    for kind, names in (("module", modules), ("role", roles)):
        listed = installed.run("ansible-doc", "--type", kind, "--list", "--json", "fathom.containers")
        assert listed.returncode == 0, listed.stderr
        assert {name.removeprefix("fathom.containers.") for name in json.loads(listed.stdout)} == names


def test_its_playbook_audits_from_anywhere(installed: Installation) -> None:
    (installed.home / "hosts").write_text(
        f"here ansible_connection=local ansible_python_interpreter={sys.executable}\n"
    )
    reports = installed.home / "a b"
    extra = {"audit_report_dir": str(reports), "audit_containers": NONE}
    done = installed.run("ansible-playbook", "-i", "hosts", "fathom.containers.audit", "-e", json.dumps(extra))
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(json.loads((reports / "audit.json").read_text(encoding="utf-8"))["hosts"]) == ["here"]
    assert "</html>" in (reports / "audit.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(path.stem for path in (CHECKOUT / "playbooks").glob("*.yml")))
def test_every_playbook_is_known_by_its_name(name: str, installed: Installation) -> None:
    done = installed.run("ansible-playbook", "--list-tasks", f"fathom.containers.{name}")
    assert done.returncode == 0, done.stderr
    collection = installed.home / "collections" / "ansible_collections" / "fathom" / "containers"
    assert f"playbook: {collection / 'playbooks' / name}.yml" in done.stdout
