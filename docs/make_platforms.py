"""Write docs/platforms.md from the collectors themselves: python docs/make_platforms.py."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from spillover import registry
from spillover.contract import Budget, Collector
from spillover.policies import Policies

_HEAD = """# Platforms

What each collector reads, what it needs, what it may ask, and what its platform's terms ask of us.
`spillover collectors` says which of them can work here, `spillover plan --campaign C` what a campaign will cost a day.

| collector | modes | finds | needs | budgets | keeps | redistributes | terms |
|---|---|---|---|---|---|---|---|
"""
_NOT_BUILT = """
## Not built, and why

- **Private APIs of Bilibili, Weibo and Kuaishou.** They are not offered to the public; Bilibili's lawyers wrote to those who document its own (January 2026). What a person may see there comes in by file (`spillover import`) or by hand (`spillover sighting add`).
- **Scraping of X, Facebook and Instagram.** Their terms forbid it, and a ban would end the research. X is read by its paid API; Facebook and Instagram by files.
- **Anything that needs a fake account.** It deceives the platform and puts whoever runs it at risk.
- **Reddit.** Every new token needs an approval since late 2025. Saved answers can be imported.
- **Meta Content Library.** Rows may not leave Meta's own enclave.
"""


def page() -> str:
    """Return the page's text."""
    policies = Policies.read()
    found = [registry.load(name) for name in registry.names()]
    rows = [_row(collector, policies) for collector in found]
    notes = [_note(collector) for collector in found]
    return _HEAD + "".join(rows) + "".join(notes) + _NOT_BUILT


def _row(collector: type[Collector], policies: Policies) -> str:
    policy = policies.of(collector.name)
    needs = ", ".join(f"`{need}`" for need in collector.needs) or "nothing"
    wants = "".join(f", `{want}` if you have it" for want in collector.wants)
    extras = "".join(f", the package `{package}`" for package in collector.packages)
    optional = "; a campaign must name it" if collector.optional else ""
    cells = [
        f"[`{collector.name}`](#{collector.name})",
        ", ".join(collector.modes()),
        ", ".join(sorted(collector.finds)) or "",
        f"{needs}{wants}{extras}{optional}",
        "; ".join(f"{name}: {_budget(budget)}" for name, budget in collector.budgets.items()),
        f"{policy.storage_days} days unless read again" if policy.storage_days else "until its deletion",
        policy.redistribute,
        f"[terms]({collector.terms})" if collector.terms.startswith("https") else collector.terms,
    ]
    return f"| {' | '.join(cells)} |\n"


def _budget(budget: Budget) -> str:
    per = f"{budget.rolling_s} s" if budget.per == "rolling" else budget.per
    zone = f" ({budget.zone})" if budget.zone != "UTC" else ""
    kept = f", {budget.reserve:.0%} kept for re-reads" if budget.reserve else ""
    return f"{budget.limit:,} {budget.unit} a {per}{zone}{kept}"


def _note(collector: type[Collector]) -> str:
    text = inspect.cleandoc(sys.modules[collector.__module__].__doc__ or "")
    limits = f"\n\nCannot see: {collector.limits}" if collector.limits else ""
    return f"\n## {collector.name}\n\n{text}{limits}\n"


if __name__ == "__main__":
    sys.stdout.write(f"{Path(__file__).with_name('platforms.md').write_text(page(), 'utf-8')} characters\n")
