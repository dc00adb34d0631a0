"""docs/controller.md: its playbooks run as it says, its surveys fit the roles, its image can be defined."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import CHECKOUT

PAGE = (CHECKOUT / "docs" / "controller.md").read_text(encoding="utf-8")
FOLDER = CHECKOUT / "docs" / "controller"
BIN = Path(sys.executable).parent
FILES = {
    name: f"---\n# {name}\n{text}"
    for name, text in re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
}
SURVEYS = {"audit": "audit", "enforce": "memory_limits"}
# A glob that fits no container: what is tested is the way to the host, not the host.
NONE = ["no-such-container-*"]
POLICY = [{"name": "nobody", "match": {"containers": NONE}, "memory": {"limit": "256MiB"}}]


def run(*command: str, cwd: Path = CHECKOUT) -> str:
    # Neither the checkout's ansible.cfg nor its collections: what the page says has to be enough.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment |= {"PATH": f"{BIN}:{os.environ.get('PATH', os.defpath)}", "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def survey(name: str) -> list[dict[str, Any]]:
    return json.loads((FOLDER / f"{name}-survey.json").read_text(encoding="utf-8"))["spec"]


def answers(name: str) -> dict[str, Any]:
    """What a controller passes on where nobody changes an answer."""
    return {
        one["variable"]: one["default"].split("\n") if one["type"] == "multiselect" else one["default"]
        for one in survey(name)
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project of the page, with the collection beside the playbooks."""
    folder = tmp_path / "private" / "project"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    collections = folder / "collections" / "ansible_collections" / "fathom"
    collections.mkdir(parents=True)
    (collections / "containers").symlink_to(CHECKOUT)
    return folder


def test_the_page_has_the_files() -> None:
    assert sorted(FILES) == ["audit.yml", "collections/requirements.yml", "enforce.yml", "pull.yml"]
    assert yaml.safe_load(FILES["collections/requirements.yml"]) == {"collections": [{"name": "fathom.containers"}]}


@pytest.mark.parametrize("name", SURVEYS)
def test_a_survey_asks_for_what_its_role_declares(name: str) -> None:
    specs = yaml.safe_load((CHECKOUT / "roles" / SURVEYS[name] / "meta" / "argument_specs.yml").read_text("utf-8"))
    options = specs["argument_specs"]["main"]["options"]
    for one in survey(name):
        option = options[one["variable"]]
        accepted = option.get("choices") or (["true", "false"] if option["type"] == "bool" else one.get("choices", []))
        assert set(one.get("choices", [])) <= set(accepted)
        # A controller takes no survey with another default.
        assert one["type"] not in ("multiplechoice", "multiselect") or one["default"] in one["choices"]
        assert isinstance(one["default"], int if one["type"] == "integer" else str)
        if one["type"] != "multiselect" and "default" in option:
            assert one["default"] == str(option["default"]).replace("True", "true")


def test_runner_audits_with_the_answers_of_the_survey(project: Path) -> None:
    reports = project.parent / "reports"
    extra = {**answers("audit"), "audit_containers": NONE, "audit_report_dir": str(reports)}
    told = run_project(project, extra, "audit.yml")
    assert "1 host, 0 containers" in told
    audit = json.loads((reports / "audit.json").read_text(encoding="utf-8"))
    assert (list(audit["hosts"]), audit["packs"]) == (["here"], ["baseline"])


def test_runner_plans_limits_with_the_answers_of_the_survey(project: Path) -> None:
    extra = {**answers("enforce"), "memory_limits_containers": NONE, "container_policy": POLICY}
    told = run_project(project, extra, "enforce.yml", "--cmdline=--check --diff")
    assert "failed=0" in told


def run_project(project: Path, extra: dict[str, Any], playbook: str, *options: str) -> str:
    private = project.parent
    for name, text in (
        ("inventory/hosts", f"here ansible_connection=local ansible_python_interpreter={sys.executable}\n"),
        ("env/extravars", json.dumps(extra)),
    ):
        (private / name).parent.mkdir()
        (private / name).write_text(text, encoding="utf-8")
    return run("ansible-runner", "run", str(private), "-p", playbook, *options)


def test_a_host_pulls_audits_itself_and_hands_the_report_in(project: Path, tmp_path: Path) -> None:
    run("git", "init", "--quiet", cwd=project)
    run("git", "add", ".", cwd=project)
    run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "all", cwd=project)
    extra = {
        "audit_containers": NONE,
        "audit_report_dir": str(tmp_path / "reports"),
        "ansible_python_interpreter": sys.executable,
    }
    name = socket.getfqdn()
    with Inbox() as inbox:
        command = ["ansible-pull", "-U", str(project), "-d", str(tmp_path / "pulled"), "-i", f"{name},"]
        run(*command, "pull.yml", "-e", f"report_url={inbox.url}", "-e", json.dumps(extra), cwd=tmp_path)
    assert list(inbox.got) == [f"/containers/{name}.json"]
    assert list(json.loads(inbox.got[f"/containers/{name}.json"])["hosts"]) == [name]


class Inbox:
    """A server that takes files by PUT; ``got``: {path: what was sent}."""

    def __init__(self) -> None:
        self.got: dict[str, bytes] = {}
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                got[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(201)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/containers"

    def __enter__(self) -> Inbox:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_builder_accepts_the_definition(tmp_path: Path) -> None:
    definition = FOLDER / "execution-environment.yml"
    # By default the name of the file follows from what this machine has to run containers.
    options = ["-f", str(definition), "-c", str(tmp_path / "context"), "--output-filename", "Containerfile"]
    run("ansible-builder", "create", *options)
    steps = (tmp_path / "context" / "Containerfile").read_text(encoding="utf-8")
    assert "FROM $EE_BASE_IMAGE AS base" in steps
    wanted = yaml.safe_load((tmp_path / "context" / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert wanted == {"collections": [{"name": "fathom.containers"}]}


def test_builder_finds_that_the_collection_needs_nothing(tmp_path: Path) -> None:
    """The script that it runs in an image, on a checkout, which has a requirements.txt about other things."""
    assert (CHECKOUT / "requirements.txt").exists()
    (tmp_path / "ansible_collections" / "fathom").mkdir(parents=True)
    (tmp_path / "ansible_collections" / "fathom" / "containers").symlink_to(CHECKOUT)
    builder = find_spec("ansible_builder")
    assert builder is not None
    assert builder.origin is not None
    script = Path(builder.origin).parent / "_target_scripts" / "introspect.py"
    found = yaml.safe_load(run(sys.executable, str(script), "introspect", str(tmp_path)))
    assert found == {"python": [], "system": []}
