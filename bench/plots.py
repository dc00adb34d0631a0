"""The plots of docs/performance.md, drawn of bench/results.json: python -m bench.plots in the bench's environment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench import CHECKOUT

RESULTS = CHECKOUT / "bench" / "results.json"
GROWTH = CHECKOUT / "docs" / "performance-growth.svg"
PEERS = CHECKOUT / "docs" / "performance-peers.svg"
# Of the cases those whose lines can be told apart.
_WITH_ENGINE = {
    "floor-read": "C program",
    "ping": "playbook: ping",
    "cgroup-facts": "playbook: container_cgroup_facts",
    "container-audit": "playbook: container_audit, both packs",
    "docker-inspect": "docker inspect",
    "docker-stats": "docker stats",
    "shell": "playbook: inspect and cat, one shell",
    "docker-container-info": "playbook: docker_container_info, a loop",
}
_WITHOUT_ENGINE = {
    "floor-read": "C program",
    "readers": "our readers, in process",
    "namespaces": "our namespace readers, in process",
    "ping": "playbook: ping",
    "cgroup-facts": "playbook: container_cgroup_facts",
    "namespace-facts": "playbook: container_namespace_facts",
}
_BARS = (
    *("cgroup-facts", "namespace-facts", "container-audit", "audit", "memory-limit"),
    *("docker-inspect", "docker-stats", "docker-host-info", "shell", "shell-loop", "docker-container-info"),
    *("docker-bench", "docker-update", "docker-container"),
)
_TYPICAL = 100
_OURS, _OTHERS, _FLOOR = "#2f6fab", "#b4442c", "#59636e"
_STYLE = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "fathom",  # the same figures give the same file
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#d1d9e0",
}


def growth(results: dict[str, Any]) -> Figure:
    """Cost against containers, both on logarithmic scales."""
    shown = [
        (sizes, names, title)
        for sizes, names, title in (
            (results["sizes"], _WITH_ENGINE, "containers of an engine"),
            (results.get("crowd"), _WITHOUT_ENGINE, "cgroups that no engine knows"),
        )
        if sizes
    ]
    figure, axes = plt.subplots(1, len(shown), figsize=(6.5 * len(shown), 6), squeeze=False)
    for ax, (sizes, names, title) in zip(axes[0], shown, strict=True):
        for name, label in names.items():
            points = list(_medians(sizes, name))
            if points:
                ax.loglog(
                    *zip(*points, strict=True), marker="o", label=label, color=_color(name), linestyle=_dash(name)
                )
        ax.set(title=title, xlabel="containers on the machine", ylabel="seconds, median")
        _name_lines(ax)
    figure.tight_layout()
    return figure


def peers(results: dict[str, Any]) -> Figure:
    """Ours and others' on the same containers."""
    size = min(results["sizes"], key=lambda one: abs(one["containers"] - _TYPICAL))
    measured = {one["name"]: one for one in size["figures"] if one["seconds"]}
    rows = [measured[name] for name in reversed(_BARS) if name in measured]
    figure, ax = plt.subplots(figsize=(12, 0.42 * len(rows) + 1.4))
    bars = ax.barh(
        [_plain(one["title"]) for one in rows],
        [one["seconds"]["median"] for one in rows],
        color=[_OURS if _is_ours(one["title"]) else _OTHERS for one in rows],
    )
    ax.bar_label(bars, labels=[f"{one['seconds']['median']:.3g} s" for one in rows], padding=4)
    ping = measured["ping"]["seconds"]["median"]
    ax.axvline(ping, color=_FLOOR, linestyle="--", label=f"a playbook that pings: {ping:.3g} s")
    ax.set(xscale="log", xlabel="seconds, median", title=f"{size['containers']} containers: ours (blue) and others")
    ax.margins(x=0.15)
    ax.legend(frameon=False, loc="upper right")
    figure.tight_layout()
    return figure


def _medians(sizes: Sequence[dict[str, Any]], name: str) -> Iterable[tuple[int, float]]:
    for size in sizes:
        for one in size["figures"]:
            if one["name"] == name and one["seconds"]:
                yield size["on_host"], one["seconds"]["median"]


def _name_lines(ax: Axes) -> None:
    """A legend in the order of the lines at their ends, from above."""
    handles, labels = ax.get_legend_handles_labels()
    order = sorted(range(len(handles)), key=lambda number: -handles[number].get_ydata()[-1])
    ax.legend(
        [handles[n] for n in order],
        [labels[n] for n in order],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.12),
        ncols=2,
        frameon=False,
    )


def _color(name: str) -> str:
    if name in {"floor-read", "ping"}:
        return _FLOOR
    return _OTHERS if name.startswith(("docker", "shell")) else _OURS


def _dash(name: str) -> str:
    """What has the same colour differs in its line."""
    dashes = {"ping": "--", "container-audit": "--", "namespace-facts": "--", "readers": ":", "namespaces": "-."}
    return dashes.get(name) or {"docker-stats": "--", "shell": ":", "docker-container-info": "-."}.get(name, "-")


def _is_ours(title: str) -> bool:
    return title.startswith("**")


def _plain(title: str) -> str:
    return title.replace("**", "")


def write(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def main() -> None:
    mpl.use("svg")
    mpl.rcParams.update(_STYLE)
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    write(growth(results), GROWTH)
    write(peers(results), PEERS)


if __name__ == "__main__":
    main()
