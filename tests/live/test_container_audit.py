"""container_audit on containers that break one rule each, against the kernel's files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.policy.packs import load_packs
from docker.models.containers import Container

from tests.live import appimage, inside, kernel, remapped
from tests.live.breaches import ALWAYS, CIS, KINDS, shared_directory, start
from tests.live.cgrouptree import CgroupTree
from tests.live.fleet import Fleet, pid_of
from tests.live.plays import Json, play
from tests.live.test_without_root import AS_NOBODY, SYSTEM_PYTHON

MODULE = "fathom.containers.container_audit"


@dataclass(frozen=True)
class Audited:
    """The module's answer, and the containers by purpose."""

    answer: Json
    containers: dict[str, Container]

    def findings(self, purpose: str, status: str = "fail") -> dict[str, Json]:
        """Those of a container that have this status, by rule."""
        found = [one for one in self.answer["findings"] if one["container_id"] == self.containers[purpose].id]
        return {one["rule"]: one for one in found if one["status"] == status}


@pytest.fixture(scope="module")
def audited(fleet: Fleet, tree: CgroupTree, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    with shared_directory(tmp_path_factory.mktemp("shared")) as shared:
        containers = start(fleet, tree, shared)
        (result,) = play({MODULE: {"containers": [fleet.glob], "packs": ["baseline", CIS]}})
        yield Audited(result, containers)


@pytest.mark.parametrize("purpose", KINDS)
def test_each_container_fails_what_it_breaks_and_nothing_else(purpose: str, audited: Audited) -> None:
    failed = {rule.removeprefix(f"{CIS}/") for rule in audited.findings(purpose) if rule.startswith(CIS)}
    assert failed == KINDS[purpose][1] | ALWAYS
    assert audited.findings(purpose, "unknown") == {}


def test_every_item_is_broken_by_some_container_where_the_kernel_has_what_it_is_about() -> None:
    rules, _not_judged = load_packs([CIS])
    items = {rule.name.removeprefix(f"{CIS}/") for rule in rules}
    assert set().union(ALWAYS, *(broken for _more, broken in KINDS.values())) == items - {"5.2", "5.3"}


def test_evidence_is_what_the_kernels_files_say(audited: Audited) -> None:
    read = 0
    for finding in audited.answer["findings"]:
        for row in finding["evidence"]:
            path, _blank, rest = row["path"].partition(" ")
            if "/ns/" in path:
                assert inside.inodes(int(path.split("/")[2]))[path.rpartition("/")[2]] == row["value"]
            elif path.startswith("/sys/fs/cgroup/") and path.rpartition(".")[2] in ("max", "shares", "weight"):
                text = Path(path).read_text(encoding="ascii").strip()
                assert text in (str(row["value"]), "max")
            elif path.endswith("/status"):
                key = kernel.process_status(int(path.split("/")[2]))[rest]
                assert row["value"] in (int(key, 16), {"0": "disabled", "2": "filter"}.get(key)) or rest == "CapBnd"
            elif path.endswith("/mountinfo"):
                mounted = {mount["target"] for mount in inside.mounts(int(path.split("/")[2]))}
                assert rest in mounted
            else:
                continue
            read += 1
    assert read > len(KINDS)


def test_declared_and_enforced_stand_side_by_side(tree: CgroupTree, audited: Audited) -> None:
    for purpose, rule, declared, enforced in (
        ("host-net", "5.10", "network_mode: host", "net of the host"),
        ("drifted", "5.11", "64 MiB", "no limit, so the host's "),
        ("all-but-privileged", "5.5", "privileged: false; cap_add: ", "every capability, seccomp disabled"),
        ("socket-elsewhere", "5.32", "mounts: /run/docker.sock", "/run/docker.sock on /tmp/x (read-only)"),
        ("whole-host", "5.32", "mounts: /", "/ on /host (read-only)"),
        ("shared-mount", "5.20", "mounts: /", " on /mnt (writable), shared"),
        ("new-privileges", "5.26", "security_opt: default", "not barred"),
        ("other-parent", "5.25", tree.root, tree.root),
    ):
        finding = audited.findings(purpose)[f"{CIS}/{rule}"]
        assert (finding["declared"] or "").startswith(declared)
        assert enforced in finding["enforced"]
        assert finding["remediation"]


def test_sharing_between_containers_is_found_and_told_apart_from_the_hosts(fleet: Fleet, audited: Audited) -> None:
    for purpose, other in (("net-of", "hard"), ("hard", "net-of")):
        finding = audited.findings(purpose)["baseline/other-containers"]
        assert finding["enforced"] == f"net shared with {fleet.name(other)}"
    assert "baseline/other-containers" not in audited.findings("host-net")
    assert "baseline/host-network" in audited.findings("host-net")
    rows = {row["name"]: row["shared"] for row in audited.answer["containers"]}
    assert rows[fleet.name("net-of")]["net"] == [fleet.name("hard")]
    assert rows[fleet.name("host-net")]["net"] == "host"


def test_baseline_tells_drift(audited: Audited) -> None:
    finding = audited.findings("drifted")["baseline/drift"]
    assert "memory_bytes 67108864" in finding["declared"]
    assert "memory_bytes unlimited" in finding["enforced"]
    assert "baseline/drift" not in audited.findings("hard")


def test_summary_is_that_of_the_findings(audited: Audited) -> None:
    summary, findings = audited.answer["summary"], audited.answer["findings"]
    assert summary["containers"] == len(KINDS) == len(audited.answer["containers"])
    for status in ("fail", "waived", "unknown"):
        count = sum(1 for one in findings if one["status"] == status)
        assert summary["by_status"][status] == count == sum(row[status] for row in summary["rules"])
        assert count == sum(row[status] for row in audited.answer["containers"])
    assert audited.answer["changed"] is False


def test_engine_with_users_of_its_own() -> None:
    """Item 5.31, which inspect gets wrong in both directions."""
    with remapped.engine() as (client, socket):
        image = appimage.image(client)
        options: dict[str, Any] = {"detach": True, "network_mode": "none"}
        client.containers.run(image, ["sleep", "900"], name="fathom-live-remapped", **options)
        client.containers.run(image, ["sleep", "900"], name="fathom-live-unmapped", userns_mode="host", **options)
        policy = [{"name": "mapped", "security": {"user_mapped": True}}]
        (result,) = play(
            {
                MODULE: {
                    "containers": ["fathom-live-*mapped"],
                    "docker_socket": str(socket),
                    "packs": [CIS],
                    "policy": policy,
                }
            }
        )
        failed = {(one["container"], one["rule"]) for one in result["findings"] if one["status"] == "fail"}
        for rule in (f"{CIS}/5.31", "mapped"):
            assert ("fathom-live-unmapped", rule) in failed
            assert ("fathom-live-remapped", rule) not in failed


POLICY = """
policy:
  - name: "limit {% raw %}{{ 7*7 }}{% endraw %} <b>\\e[31m \\u202e =1+1"
    match: {containers: ["NAME-*"]}
    memory: {max: 32MiB}
waivers:
  - rule: "limit {% raw %}{{ 7*7 }}{% endraw %} <b>\\e[31m \\u202e =1+1"
    containers: ["NAME-hard"]
    reason: "{% raw %}{{ lookup('pipe', 'id') }}{% endraw %}"
    expires: 2999-12-31
"""


def test_policy_of_yaml_with_a_date_and_hostile_text(fleet: Fleet, audited: Audited, tmp_path: Path) -> None:
    assert audited
    variables = tmp_path / "policy.yml"
    variables.write_text(POLICY.replace("NAME-", fleet.prefix), encoding="utf-8")
    task = {MODULE: {"policy": "{{ policy }}", "waivers": "{{ waivers }}"}, "register": "kept"}
    (result, seen) = play(
        task, {"ansible.builtin.debug": {"msg": "{{ kept.waivers[0].reason }}"}}, vars_files=[str(variables)]
    )
    (row,) = result["summary"]["rules"]
    assert row["rule"] == "limit {{ 7*7 }} <b>\x1b[31m \u202e =1+1"
    assert row["waived"] == 1
    assert row["fail"] >= len(KINDS) - 1
    assert result["waivers"][0]["expires"] == "2999-12-31"
    assert seen["msg"] == "{{ lookup('pipe', 'id') }}"


def test_mistakes_are_failed_tasks_that_name_them() -> None:
    rule = {"name": "web", "memory": {"limited": True}}
    tasks: list[tuple[Json, str]] = [
        (
            {"policy": [{"name": "web", "memory": {"limt": "1GiB"}}]},
            "rule 'web': memory has the unknown key 'limt'; near it",
        ),
        ({"policy": [{"name": "web", "memory": {"max": "1Gb"}}]}, "rule 'web': memory.max is '1Gb', expected a size"),
        ({"policy": [rule, rule]}, "two rules of the name 'web'"),
        ({"policy": []}, "policy is an empty list"),
        ({"packs": ["cis"]}, "must be one or more of: baseline, cis_docker_1_6"),
        ({"policy": [rule], "waivers": [{"rule": "web", "containers": ["a"], "reason": "x"}]}, "has no expires"),
        ({"containers": ["no-such-container"]}, "no container has the name or id 'no-such-container'"),
    ]
    results = play(*({MODULE: options, "ignore_errors": True} for options, _message in tasks))
    for result, (_options, message) in zip(results, tasks, strict=True):
        assert result["failed"] is True
        assert message in result["msg"]
        assert "Traceback" not in str(result)


def test_without_root_what_is_hidden_is_unknown(fleet: Fleet, audited: Audited) -> None:
    """Other users' namespaces and mounts can't be seen, limits and capabilities can."""
    container = audited.containers["host-net"]
    options: Json = {"containers": [container.id], "packs": [CIS], "include_passed": True}
    (result,) = play({MODULE: options, **AS_NOBODY}, vars={"ansible_python_interpreter": SYSTEM_PYTHON})
    by_rule = {one["rule"].removeprefix(f"{CIS}/"): one for one in result["findings"]}
    assert {item for item, one in by_rule.items() if one["status"] == "unknown"} >= {
        "5.10",
        "5.16",
        "5.17",
        "5.21",
        "5.31",
    }
    assert by_rule["5.10"]["enforced"] is None
    assert by_rule["5.10"]["reason"] == f"/proc/{pid_of(container)}/ns/net: Permission denied"
    assert {by_rule[item]["status"] for item in ("5.11", "5.12", "5.29", "5.22", "5.26")} == {"pass"}
    assert fleet.name("host-net") not in {one["container"] for one in result["findings"]}
