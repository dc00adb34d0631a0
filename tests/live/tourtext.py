"""Reads what the tour's playbook printed: its lines, its chapters, and what stands beside a label."""

from __future__ import annotations

import re


def lines(printed: str) -> list[str]:
    """The tour among all that ansible-playbook printed."""
    told = printed.split("msg: |-\n", 1)[1].split("\n\nTASK", 1)[0]
    return [line.strip() for line in told.splitlines()]


def cell(lines: list[str], label: str) -> str:
    """What stands beside a label."""
    (line,) = {line for line in lines if re.match(rf"{re.escape(label)}  +\S", line)}
    return line[len(label) :].strip()


def chapter(lines: list[str], title: str) -> list[str]:
    begin = next(number for number, line in enumerate(lines) if re.fullmatch(rf"\d+\. {title}", line))
    rest = lines[begin + 1 :]
    return rest[: next((number for number, line in enumerate(rest) if re.match(r"\d+\. [A-Z]", line)), len(rest))]
