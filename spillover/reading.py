"""Read the public views, from inside the owner, beside a running one, or with none.

``sql`` takes one SELECT over the public views and nothing else: no table of ours, no file, no second statement.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from spillover.config import Workspace
from spillover.errors import UsageError
from spillover.store import PUBLIC_VIEWS, Store
from spillover.wire import Link

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 60.0  # how long a query of a person may take
_FUNCTIONS = frozenset(("unnest", "range", "generate_series"))


def run_sql(cursor: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> pa.Table:
    """Run one SELECT over the public views and return its rows; raise UsageError that says why it is refused."""
    _check(cursor, query)
    limit = threading.Timer(_SECONDS, cursor.interrupt)
    limit.start()
    try:
        return cursor.sql(query, params=list(parameters) or None).to_arrow_table()
    except duckdb.InterruptException as error:
        raise UsageError(
            f"the query took longer than {_SECONDS:.0f} s and was stopped; narrow it by campaign or time"
        ) from error
    except duckdb.Error as error:
        raise UsageError(str(error)) from error
    finally:
        limit.cancel()


def _check(cursor: duckdb.DuckDBPyConnection, query: str) -> None:
    """Refuse what is more than one SELECT over the public views, by DuckDB's own reading of it."""
    tree = json.loads(cursor.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchall()[0][0])
    if tree["error"] or len(tree["statements"]) != 1:
        message = str(tree.get("error_message", ""))
        raise UsageError(
            message if "syntax error" in message else "one SELECT at a time; nothing can be changed from here"
        )
    names, functions, own = _mentions(tree)
    if other := sorted(names - own - PUBLIC_VIEWS):
        raise UsageError(f"{', '.join(other)}: not a public view; there are {', '.join(sorted(PUBLIC_VIEWS))}")
    if other := sorted(functions - _FUNCTIONS):
        raise UsageError(
            f"{', '.join(other)}: not allowed here; of table functions there are {', '.join(sorted(_FUNCTIONS))}"
        )


def _mentions(tree: dict[str, Any]) -> tuple[set[str], set[str], set[str]]:
    """Return the tables, the table functions and the names of common table expressions in a parsed query."""
    names: set[str] = set()
    functions: set[str] = set()
    own: set[str] = set()
    rest: list[Any] = [tree]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            if node.get("type") == "BASE_TABLE":
                names.add(
                    ".".join(
                        part for part in (node["catalog_name"], node["schema_name"], node["table_name"]) if part
                    ).lower()
                )
            elif node.get("type") == "TABLE_FUNCTION":
                functions.add(node["function"]["function_name"].lower())
            own.update(entry["key"].lower() for entry in node.get("cte_map", {}).get("map", []))
            rest.extend(node.values())
        elif isinstance(node, list):
            rest.extend(node)
    return names, functions, own


class Reader:
    """A read-only window on a workspace. ``execute`` and ``sql`` return what DuckDB returns: fetchall, df, arrow, ...

    Beside a running owner each query goes to it over its socket; with none the file is opened for reading.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held open between two queries."""

    def arrow(self, query: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of one SELECT as an Arrow table."""
        try:
            with Link(self.workspace.socket) as link:
                _, body = link.ask("sql", {"query": query, "parameters": list(parameters)})
                return pa.ipc.open_stream(body).read_all()
        except OSError:
            return self._alone(query, parameters)

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """Return the rows of one SELECT as a DuckDB relation."""
        return duckdb.connect().from_arrow(self.arrow(query))

    def execute(self, query: str, parameters: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB cursor that holds the rows of one SELECT."""
        memory = duckdb.connect()
        memory.register("answer", self.arrow(query, parameters))
        return memory.execute("SELECT * FROM answer")

    def close(self) -> None:
        """Do nothing: no file is held open between two queries."""

    def _alone(self, query: str, parameters: Sequence[Any]) -> pa.Table:
        store = Store(self.workspace)
        try:
            store.drain()
            with store.cursor() as cursor:
                return run_sql(cursor, query, parameters)
        finally:
            store.close()


def connect(root: Path) -> Reader:
    """Open a workspace for reading; raise UsageError when there is none."""
    workspace = Workspace(root.expanduser().resolve())
    if not workspace.exists():
        raise UsageError(f"{root}: no workspace here; make one with: spillover init {root}")
    return Reader(workspace)
