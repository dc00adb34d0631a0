"""The README's badges, made of what they tell of: no service has to be asked for them. `python -m release.badges`."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from lab import CHECKOUT
from tests.parts import pythons

FOLDER = CHECKOUT / "docs" / "badges"
_CHARACTER_WIDTH, _MARGIN = 6.6, 8
_BADGE = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{name}: {value}">
<title>{name}: {value}</title>
<rect width="{width}" height="20" rx="3" fill="#0b6e4f"/>
<rect width="{split}" height="20" rx="3" fill="#444"/>
<g fill="#fff" font-family="DejaVu Sans,Verdana,sans-serif" font-size="11">
<text x="{margin}" y="14">{name}</text>
<text x="{value_at}" y="14">{value}</text>
</g>
</svg>
"""


def badges() -> dict[str, str]:
    """The text of each file by its name."""
    galaxy = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text(encoding="utf-8"))
    core = yaml.safe_load((CHECKOUT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    return {
        "ansible-core.svg": _badge("ansible-core", f"{core.removeprefix('>=').removesuffix('.0')} and later"),
        "python.svg": _badge("Python on hosts", f"{pythons.TARGETS[0]} and later"),
        "licence.svg": _badge("licence", " ".join(galaxy["license"])),
    }


def _badge(name: str, value: str) -> str:
    split, rest = (round(len(text) * _CHARACTER_WIDTH + 2 * _MARGIN) for text in (name, value))
    return _BADGE.format(
        name=name, value=value, margin=_MARGIN, split=split, value_at=split + _MARGIN, width=split + rest
    )


def main(folder: Path = FOLDER) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in badges().items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
