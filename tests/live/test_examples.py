"""Every example of the documentation is run, on a host that has the containers which the examples are about.

What is put in place of what stands there, and nothing else: `/srv` is a directory of the test, the id of a container is
that of `web`, and the hosts of the inventory are reached by the engine of this machine. What is not run is in a table
with what holds it instead.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
import yaml

from lab import CHECKOUT, packages
from lab.hosts import Host, Kind, hosts
from tests.live import examples, kernel
from tests.live.examples import Example
from tests.live.fleet import MIB
from tests.live.plays import Json

CONTROLLER = "tests/tools/test_controller_page.py"
POLICY = "tests/tools/test_policy_page.py"
OUTPUT = "it is what another example gives"
# (page, how the example begins): what holds it, where it is not run here.
NOT_RUN: dict[tuple[str, str], str] = {
    ("README.md", "$ make demo "): "tests/live/test_demo.py; what `make audit` runs is in the next example",
    ("README.md", "$ ansible-galaxy collection build"): "tests/tools/test_artifact.py",
    ("README.md", "# policy.yml"): "the example behind it, which is run with it",
    ("README.md", "$ make test "): "it is what runs this",
    ("docs/controller.md", "# audit.yml"): CONTROLLER,
    ("docs/controller.md", "# enforce.yml"): CONTROLLER,
    ("docs/controller.md", "# collections/requirements.yml"): CONTROLLER,
    ("docs/controller.md", "# pull.yml"): CONTROLLER,
    ("docs/controller.md", "$ ansible-builder create"): f"{CONTROLLER}; it builds no image, as the page says",
    ("docs/controller.md", "$ curl "): f"{CONTROLLER} holds the surveys; no controller is here to take them",
    ("docs/controller.md", "$ ansible-galaxy collection install -r"): f"{CONTROLLER}, with the checkout for Galaxy",
    ("docs/controller.md", "$ ansible-galaxy collection install fathom"): f"{CONTROLLER}, with the checkout for Galaxy",
    ("docs/controller.md", "# ansible-pull "): CONTROLLER,
    ("docs/images.md", "id: sha256:"): OUTPUT,
    ("docs/memory-limits.md", "steps:"): OUTPUT,
    ("docs/namespaces.md", "- {type: pid"): OUTPUT,
    ("docs/namespaces.md", "- name: web"): OUTPUT,
}
PAGES = examples.of_pages()
# In this order where one needs what another one leaves behind.
PLUGINS = sorted(examples.of_plugins(), key=lambda example: not example.page.endswith("limit_table.py"))
# Name: (options of `docker run`, image, where it is not the usual one), of the containers that examples are about.
CONTAINERS: dict[str, tuple[list[str], str | None]] = {
    "web": (["--hostname=web-1", "--label=tier=web", "--memory=512m"], None),
    "web-1": (["--label=tier=web", "--memory=512m"], None),
    "web-2": (["--label=tier=web", "--memory=512m"], None),
    "cache": (["--label=tier=cache", "--memory=256m", "--memory-swap=256m"], None),
    "db": (["--memory=256m"], None),
    "batch": (["--memory=128m", "--memory-swap=128m"], None),
    "legacy-db": ([], None),
    "sidecar": (["--network=container:web"], None),
    "agent": (["--network=host", "--pid=host"], None),
    "fathom-doc-web": ([], "fathom-doc/web:1"),
}
ID_IN_EXAMPLES = "66df9337ad51"


def reason(example: Example) -> str | None:
    """What holds an example that is not run."""
    found = [why for (page, begin), why in NOT_RUN.items() if page == example.page and example.text.startswith(begin)]
    if example.page == "docs/policy.md" and example.kind == "policy":
        found.append(POLICY)
    return found[0] if found else None


RUN = [example for example in PAGES if not reason(example)]
CONSOLES = [example for example in RUN if example.kind == "console"]
PLAYS = [example for example in RUN if example.kind == "plays"]
TASKS = [example for example in RUN if example.kind == "tasks"] + PLUGINS
# Parts of a play or of a task, which are run as a part of the example before them.
PARTS = [example for example in RUN if example.kind == "data"]


def place_of(example: Example) -> str:
    return f"{example.page}:{example.line}"


@dataclass(frozen=True)
class Place:
    """A directory in which commands are typed as in a checkout, and the host that its inventories lead to."""

    folder: Path
    host: Host
    web_id: str

    def put(self, text: str) -> str:
        """The text of an example with what is put in place."""
        return text.replace("/srv/", f"{self.folder}/srv/").replace(ID_IN_EXAMPLES, self.web_id)

    def run(self, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
        return subprocess.run(
            ["bash", "-c", self.put(command)],
            cwd=self.folder,
            # With fewer programs started on the host for each task.
            env={
                **os.environ,
                "PATH": path,
                "ANSIBLE_INVENTORY": "localhost.ini",
                "ANSIBLE_PIPELINING": "true",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def place(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    assert client
    packages.install(["jq"], "an example of docs/controller.md")
    folder = tmp_path_factory.mktemp("examples")
    with hosts(Kind()) as (host,):
        for name in ("records", "pictures", "reports", "tours"):
            (folder / "srv" / name).mkdir(parents=True)
        for number in (1, 2):
            slice_of_a_job = folder / f"slice-{number}"
            slice_of_a_job.mkdir()
            told: Json = {"hosts": {f"host{number}": {}}}
            (slice_of_a_job / "audit.json").write_text(json.dumps(told), encoding="utf-8")
        for name in (".venv", "ansible.cfg", "playbooks"):
            (folder / name).symlink_to(CHECKOUT / name)
        reached = (
            f"\n[all:vars]\nansible_connection=community.docker.docker\nansible_host={host.name}\n"
            "ansible_python_interpreter=/usr/bin/python3\n"
        )
        (folder / "localhost.ini").write_text(f"localhost\n{reached}", encoding="utf-8")
        (folder / "hosts.ini").write_text(_block("README.md", "# hosts.ini") + reached, encoding="utf-8")
        (folder / "policy.yml").write_text(_block("README.md", "# policy.yml"), encoding="utf-8")
        _fill(host)
        yield Place(folder, host, host.run("docker", "inspect", "--format={{.Id}}", "web").strip()[:12])


def _block(page: str, begin: str) -> str:
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    return text[text.index(begin) :].split("\n```\n", 1)[0] + "\n"


def _fill(host: Host) -> None:
    """Give the host what the examples are about: users, containers, an image."""
    host.run("useradd", "--create-home", "admin")
    host.write("/etc/sudoers.d/admin", "admin ALL=(ALL) NOPASSWD: ALL\n")
    host.run("mkdir", "-p", "/var/lib/node_exporter/textfile", "/root/image")
    host.run("docker", "tag", host.app_image(), "fathom-doc/base:1")
    host.write("/root/image/Dockerfile", _block("docs/images.md", "FROM fathom-doc/base:1"))
    host.write("/root/image/server", "x" * 40000)
    building = ("docker", "build", "--network=none", "--build-arg=API_TOKEN=7f3a", "--tag=fathom-doc/web:1")
    host.run(*building, "/root/image")
    for name, (options, image) in CONTAINERS.items():
        host.run("docker", "run", "--detach", f"--name={name}", *options, image or host.app_image(), "sleep", "86400")


def test_no_example_is_left_out() -> None:
    """An example is run, or there is a word on what holds it; and no such word is left without its example."""
    assert {example.kind for example in RUN} == {"console", "data", "plays", "tasks"}
    assert {place_of(example) for example in PARTS} == {
        _at("docs/namespaces.md", "    namespaces: [net]"),
        _at("roles/audit/README.md", "post_tasks:"),
    }
    for page, begin in NOT_RUN:
        assert _at(page, begin)


def _at(page: str, begin: str) -> str:
    (found,) = [example for example in PAGES if example.page == page and example.text.startswith(begin)]
    return place_of(found)


@pytest.mark.parametrize("example", CONSOLES, ids=place_of)
def test_commands(example: Example, place: Place) -> None:
    assert example.commands()
    for command in example.commands():
        if command.startswith("docker "):
            place.host.run("sh", "-c", command)
            continue
        done = place.run(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_what_the_commands_leave_behind(place: Place) -> None:
    """The reports of the audits and of the tours, and the kernel's limit that enforce.yml has set."""
    assert {path.name for path in (place.folder / "reports").glob("*.html")} >= {
        "audit.html",
        "tour-web@localhost.html",
        "tour-web-1@localhost.html",
        "tour-web-1@one.example.org.html",
    }
    assert (place.folder / "srv" / "reports" / "audit.html").is_file()
    pid = place.host.run("docker", "inspect", "--format={{.State.Pid}}", "web-1").strip()
    reader = Path(kernel.__file__).read_text(encoding="utf-8") + f"\nprint(memory_limit(cgroup({pid}, 'memory')))\n"
    assert int(place.host.run("python3", "-", stdin=reader)) == 256 * MIB
    merged = json.loads((place.folder / "all" / "audit.json").read_text(encoding="utf-8"))
    assert sorted(merged["hosts"]) == ["host1", "host2"]


@pytest.mark.parametrize("example", PLAYS, ids=place_of)
def test_plays(example: Example, place: Place) -> None:
    plays = yaml.safe_load(place.put(example.text))
    for part in PARTS:
        if part.page == example.page:
            plays[0] |= yaml.safe_load(place.put(part.text))
    (place.folder / "play.json").write_text(json.dumps(plays, default=str), encoding="utf-8")
    done = place.run("ansible-playbook -i hosts.ini play.json")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def done(place: Place) -> dict[str, list[Json]]:
    """Page and line of each example of tasks: the results of its tasks, all of them in one play."""
    blocks: list[Json] = [_tour(place)]
    for example in TASKS:
        tasks = yaml.safe_load(place.put(example.text))
        parts = [part.read() for part in PARTS if part.page == example.page and MODULE_OF_PARTS in tasks[0]]
        tasks += [{**tasks[0], MODULE_OF_PARTS: {**tasks[0][MODULE_OF_PARTS], **part}} for part in parts]
        for task in tasks:
            task |= {"ignore_errors": True, "name": place_of(example)}
        # Roles have it, and the filters and modules that write pages are for roles.
        role = "tour" if example.page.endswith("tour_page.py") else "audit"
        blocks.append({"block": tasks, "vars": {"role_path": str(CHECKOUT / "roles" / role)}})
    policy = next(example.read() for example in PAGES if example.kind == "policy" and example.page == "docs/policy.md")
    variables = {**policy, "limits": [{"containers": ["web-1"], "memory": "64MiB"}]}
    plays = [{"hosts": "one.example.org", "gather_facts": False, "vars": variables, "tasks": blocks}]
    (place.folder / "tasks.json").write_text(json.dumps(plays, default=str), encoding="utf-8")
    run = place.run("ansible-playbook -i hosts.ini tasks.json", ANSIBLE_STDOUT_CALLBACK="ansible.posix.json")
    results: dict[str, list[Json]] = {}
    for task in json.loads(run.stdout[run.stdout.index("{") :])["plays"][0]["tasks"]:
        results.setdefault(task["task"]["name"], []).append(task["hosts"]["one.example.org"])
    return results


# The module whose task a part in docs/namespaces.md is another value of.
MODULE_OF_PARTS = "fathom.containers.container_nsenter"


def _tour(place: Place) -> Json:
    """The role, whose variables the filters of the tour take."""
    variables = {"tour_container": "web", "tour_report_dir": str(place.folder / "srv" / "tours")}
    return {"ansible.builtin.include_role": {"name": "fathom.containers.tour", "public": True}, "vars": variables}


@pytest.mark.parametrize("example", TASKS, ids=place_of)
def test_tasks(example: Example, done: dict[str, list[Json]]) -> None:
    """A task does what it says; an assertion may come to either end, as long as there is something to assert."""
    results = done[place_of(example)]
    assert len(results) >= len(example.read())
    assert [result for result in results if result.get("failed") and not _asserted(result)] == []


def _asserted(result: Json) -> bool:
    return any("assertion" in one for one in [result, *result.get("results", [])] if one.get("failed", False))
