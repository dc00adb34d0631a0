"""The tables of docs/beside-docker-bench.md, made from what both said of the same containers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.fathom.containers.plugins.module_utils.policy.packs import load_packs

from lab import CHECKOUT
from tests.live.breaches import CIS
from tests.live.docker_bench import QUESTIONS

PAGE = CHECKOUT / "docs" / "beside-docker-bench.md"
# Of a kernel that has AppArmor or SELinux; what both say without is in the page's text.
OF_SOME_KERNELS = {"5.2", "5.3"}
ITEMS = [item for item in QUESTIONS if item not in OF_SOME_KERNELS]
_READ_ONLY = "It is mounted read-only, and all that is in it can be read. Only writable mounts are looked for."
_DRIFT = "Drift: what was declared to the engine was lifted in the kernel since."
_BY_ANOTHER = "The container whose namespace it has is itself in the host's."
_REACHES = "The socket is in a directory that is mounted. Only the name of what is mounted is looked at."
ALL = "all of the first engine"
# Why they differ, by item and kind of container; what is not here has to be the same.
WHY: dict[str, dict[str, str]] = {
    "5.5": {"all-but-privileged": "It has every capability and no seccomp filter: `--privileged` by other names."},
    "5.6": {
        "etc": _READ_ONLY,
        "proc": _READ_ONLY,
        "whole-host": _READ_ONLY,
        "volume-at-etc": "A volume that is mounted at `/etc` of the container is nothing of the host's.",
    },
    "5.10": {"net-of-host-net": _BY_ANOTHER},
    "5.11": {
        "limit-above-host": "The limit is above the host's memory, and bounds nothing.",
        "limited-from-above": "The cgroup above it has a limit, and holds the container to it.",
        "drifted": _DRIFT,
    },
    "5.12": {
        "shares-of-default": "1024 shares are what every cgroup has that was given none.",
        "drifted": _DRIFT,
    },
    "5.13": {"remounted": "Drift: the root file system was mounted anew since, and is writable."},
    "5.16": {"pid-of-host-pid": _BY_ANOTHER},
    "5.17": {"ipc-of-host-ipc": _BY_ANOTHER},
    "5.25": {"engines-parent": "The cgroup that was asked for is the one where the engine puts all containers."},
    "5.26": {"new-privileges-again": "`no-new-privileges=false` has the words in it, and says the opposite."},
    "5.29": {"drifted": _DRIFT},
    "5.31": {ALL: "No engine gives user namespaces unless it is told to, and `UsernsMode` is then empty."},
    "5.32": {
        "whole-host": _REACHES,
        "directory-of-socket": _REACHES,
        "named-like-socket": "A directory that has `docker.sock` in its name is no socket.",
    },
}
# Of an engine that was told to give user namespaces, where what it declares is what the kernel has.
REMAPPED = {"remapped-users": set(), "users-of-host": {"5.31"}}
NOT_ASKED = {
    "baseline/other-containers": "Nothing asks for `container:NAME`.",
    "baseline/drift": "Nothing compares what is declared with what the kernel enforces.",
}


@dataclass(frozen=True)
class Said:
    """What was said of one container: the items that fail, by each; and the rules of `NOT_ASKED` that do."""

    by_docker_bench: set[str]
    by_audit: set[str]
    beyond: set[str]


def page(text: str, said: Mapping[str, Said]) -> str:
    """The page with the tables of what was said, by kind of container."""
    for name, table in (("items", _items(said)), ("differences", _differences(said)), ("beyond", _beyond(said))):
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        before, _begin, rest = text.partition(begin)
        _old, _end, after = rest.partition(end)
        text = f"{before}{begin}{table}\n{end}{after}"
    return text


def why(item: str, kind: str) -> str | None:
    """The reason for which both differ there, None where they have no reason to."""
    reasons = WHY.get(item, {})
    return reasons.get(kind) or (None if kind in REMAPPED else reasons.get(ALL))


def _items(said: Mapping[str, Said]) -> str:
    rules, _not_judged = load_packs([CIS])
    titles = {rule.name.removeprefix(f"{CIS}/"): rule.title for rule in rules}
    rows = []
    for item in ITEMS:
        same = sum(1 for one in said.values() if (item in one.by_docker_bench) == (item in one.by_audit))
        both = [kind for kind, one in said.items() if item in one.by_docker_bench & one.by_audit]
        rows.append((titles[item], QUESTIONS[item][0], _kinds(both, said), f"{same} of {len(said)}"))
    return _table(("item", "docker-bench-security asks", "both find", "say the same of"), rows)


def _differences(said: Mapping[str, Said]) -> str:
    found: dict[tuple[str, str, str], list[str]] = {}
    for item in ITEMS:
        for kind, one in said.items():
            theirs, ours = item in one.by_docker_bench, item in one.by_audit
            if theirs != ours:
                found.setdefault((item, "fails" if theirs else "passes", why(item, kind) or "?"), []).append(kind)
    rows = [
        (item, _kinds(kinds, said), theirs, "fails" if theirs == "passes" else "passes", reason)
        for (item, theirs, reason), kinds in found.items()
    ]
    return _table(("item", "container", "docker-bench-security", "the kernel", "why"), rows)


def _beyond(said: Mapping[str, Said]) -> str:
    rows = [
        (f"`{rule}`", _kinds([kind for kind, one in said.items() if rule in one.beyond], said), reason)
        for rule, reason in NOT_ASKED.items()
    ]
    return _table(("rule", "finds", "docker-bench-security"), rows)


def _kinds(kinds: list[str], said: Mapping[str, Said]) -> str:
    if len(kinds) == len(said) - len(REMAPPED):
        return ALL
    return ", ".join(kinds) or "-"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])
