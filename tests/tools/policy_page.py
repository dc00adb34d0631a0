"""The parts of the packs' pages in docs/ that are made from the packs.

`PYTHONPATH=.venv/collections .venv/bin/python -m tests.tools.policy_page` writes them anew.
"""

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.policy.packs import PACKS, load_packs

from lab import CHECKOUT

PAGE = CHECKOUT / "docs" / "policy.md"
PACK_PAGES = {pack: CHECKOUT / "docs" / f"pack-{pack.replace('_', '-')}.md" for pack in PACKS}
_MOST_WORDS = 20


def parts(pack: str) -> dict[str, str]:
    """What stands between the marks of each name on the page of a pack."""
    rules, not_judged = load_packs([pack])
    rows = [f"| `{rule.name}` | {rule.title} | {rule.severity} | {_checks(rule.checks)} |" for rule in rules]
    made = {f"pack {pack}": "\n".join(["| rule | says | severity | checks |", "|---|---|---|---|", *rows])}
    if not_judged:
        rows = [f"| {row['item']} | {row['title']} | {row['reason']} |" for row in not_judged]
        made[f"not judged {pack}"] = "\n".join(["| item | about | why not |", "|---|---|---|", *rows])
    return made


def page(pack: str, text: str) -> str:
    """The page of a pack with these parts in it."""
    for name, part in parts(pack).items():
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        before, _begin, rest = text.partition(begin)
        _old, _end, after = rest.partition(end)
        text = f"{before}{begin}{part}\n{end}{after}"
    return text


def _checks(checks: dict[str, dict[str, object]]) -> str:
    return "; ".join(
        f"`{section}.{check}: {_value(value)}`" for section, values in checks.items() for check, value in values.items()
    )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        more = ", ..." if len(value) > _MOST_WORDS else ""
        return f"[{', '.join(map(str, value[:_MOST_WORDS]))}{more}]"
    return "unlimited" if value == UNLIMITED else f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    for name, path in PACK_PAGES.items():
        path.write_text(page(name, path.read_text(encoding="utf-8")), encoding="utf-8")
