"""Write docs/store.md from the schema itself: python docs/make_store.py. A test fails when it was not done."""

from __future__ import annotations

import re
import sys
from importlib import resources
from pathlib import Path

import duckdb

from spillover.store import PUBLIC_VIEWS

_HEAD = """# The store

One DuckDB file, `spillover.duckdb`, held by one process at a time.
Read it with `spillover sql "SELECT ..."` or from Python, also while the owner runs:

```python
import spillover

with spillover.connect("my-workspace") as store:
    print(store.sql("SELECT platform, count(*) AS posts FROM posts GROUP BY platform").df())
```

Times are UTC. Ids are text. NULL means not shown or not known, never 0.
Each `views`, `likes`, `shares` and `comments` is the number as the platform shows it; where it rounds, the true one lies between `_low` and `_high`, both included, and a NULL `_high` means that there is no upper bound.
`post_key` joins the views with each other; it means nothing outside this file.

This page is generated from `spillover/schema.sql`.
"""


def page() -> str:
    """Return the page's text."""
    schema = resources.files("spillover").joinpath("schema.sql").read_text("utf-8")
    notes = dict(
        re.findall(r"^\s+(\w+)\s+[A-Z][A-Z\[\]]*(?: NOT NULL)?(?: PRIMARY KEY)?,?\s+-- (.+)$", schema, re.MULTILINE)
    )
    db = duckdb.connect()
    db.execute(schema)
    parts = [_HEAD]
    for view in sorted(PUBLIC_VIEWS):
        parts.append(f"## {view}\n\n| column | type | |\n|---|---|---|")
        for name, kind, *_ in db.execute(f"DESCRIBE {view}").fetchall():
            parts.append(f"| `{name}` | {kind} | {notes.get(name, '')} |")
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(f"{Path(__file__).with_name('store.md').write_text(page(), 'utf-8')} characters\n")
