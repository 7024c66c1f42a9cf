"""Write docs/write-a-collector.md from the skeleton itself: python docs/make_write_a_collector.py."""

from __future__ import annotations

import sys
from pathlib import Path

from spillover.commands.making import skeleton

_HEAD = """# Write a collector

A platform is one file with one class.
Read [`spillover/contract.py`](../spillover/contract.py): it is all that a collector is given and must yield.

```
spillover new-collector openexample
```

writes a package with the three files below; its tests pass as they stand, and are the ones that this project runs on it.
Put your platform's addresses, fields and recorded answers in place of the made-up ones.
"""
_TAIL = """
- **As a package of its own** it is installed beside spillover (`pip install -e spillover-openexample`) and appears in `spillover collectors`. One that cannot be imported, is no `Collector`, or claims another's name is named there with the reason, and takes nothing else down.
- **In this repository:** drop the file into `collectors/`; nothing to register.

## Rules

- Import names of `spillover` only, the standard library, and a parser that you declare. A heavy library is an extra: name it in `packages`, import it where it is used.
- No clock, sleep, thread, file, environment or HTTP library: everything goes through `self.client`, which paces, retries, keeps to your hosts and budgets, and turns HTTP trouble into our errors.
- Write the platform's own addresses. `SPILLOVER_<NAME>_BASE_URL` leads them elsewhere for tests and own instances; where a platform is many servers, declare `instances` and ask `query.at`.
- An answer of unknown shape raises `Changed`. Never skip, never guess. `read_json` and `known_shape` raise the right error for a page, a bot wall, half an answer.
- A count that is not shown is `None`; one that is rounded is an `Interval` (`read_count` makes it).
- Every page says its window: what was really covered. Without it the ledger cannot tell "nothing there" from "not looked".
- What does not come back is `unknown`, `missing`, `absent`. The core believes it after a second reading, beside a control that is up.
- What the platform says of a removal is `stated`, and its words go into `said`.
- Declare a mode by defining it: `search`, `reread`, `stream`, `load`.
- `Author` carries the account in clear. It stops at the door; put account names nowhere else.
- Name budgets and what a request costs: the plan of a campaign, each query's share of a day and the hard stop come from them.
- Say in `looks_back_days` how far the first search of a new query goes back, where 30 days are too few.

## Check it

```
spillover translate openexample search recorded-answer.json --json
```

prints what your collector makes of a recorded answer.
`spillover.testing` has the checks that every collector here passes: `check_collector`, `check_search`, `check_reread`, `check_stream`, `check_load`, and `check_trouble`, which gives it everything that comes in the place of an answer.

This page is generated from `spillover/skeleton`.
"""


def page() -> str:
    """Return the page's text."""
    kinds = {".py": "python", ".toml": "toml"}
    files = [f"\n`{path}`\n\n```{kinds[path.suffix]}\n{text}```\n" for path, text in skeleton("openexample").items()]
    return _HEAD + "".join(files) + _TAIL


if __name__ == "__main__":
    sys.stdout.write(f"{Path(__file__).with_name('write-a-collector.md').write_text(page(), 'utf-8')} characters\n")
