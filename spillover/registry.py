"""Collectors by name: the folder ``collectors/`` first, then packages that registered one.

Listing imports nothing; loading imports exactly one. A plug-in that cannot be loaded takes nothing else down.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from spillover._where import ROOT
from spillover.contract import Collector
from spillover.declared import slip
from spillover.errors import UsageError

GROUP = "spillover.collectors"


def names() -> list[str]:
    """Return every collector's name, sorted."""
    return sorted({*_in_tree(), *_plugins()})


def load(name: str) -> type[Collector]:
    """Import one collector; raise UsageError that says what is wrong with it."""
    if name in _in_tree():
        return _checked(name, _imported(name, f"collectors.{name}", lambda: _collector_in(f"collectors.{name}")))
    found = _plugins().get(name, [])
    if not found:
        raise UsageError(f"no collector {name!r}; there are: {', '.join(names())}")
    if len(found) > 1:
        raise UsageError(
            f"collector {name!r} is claimed by two packages: {', '.join(e.value for e in found)}; uninstall one"
        )
    return _checked(name, _imported(name, found[0].value, found[0].load))


def shadowed(name: str) -> str | None:
    """Return the packages that claim the name of a collector of ours; ours is used, and they are not."""
    claims = [entry.value for entry in _plugins().get(name, [])] if name in _in_tree() else []
    return ", ".join(claims) or None


def _in_tree() -> list[str]:
    return [path.stem for path in (ROOT / "collectors").glob("[!_]*.py")]


def _plugins() -> dict[str, list[EntryPoint]]:
    return _plugins_in(tuple((path, _changed_ns(path)) for path in sys.path))


@lru_cache(
    maxsize=4
)  # what every installed package says of itself takes 20 ms to read, and a campaign asks for each name it holds
def _plugins_in(places: tuple[tuple[str, int], ...]) -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, []).append(entry)
    return found


def _changed_ns(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116  # called for every place of the path, twice as fast as Path
    except OSError:
        return 0


def _imported(name: str, where: str, bring: Callable[[], object]) -> object:
    try:
        with redirect_stdout(sys.stderr):  # stdout is for results: what a module prints would stand among them
            return bring()
    except (Exception, SystemExit) as error:  # a stranger's module may raise anything, and the others go on
        what = f"{type(error).__name__}: {error}"
        raise UsageError(f"collector {name!r} of {where} cannot be imported: {what}") from error


def _collector_in(module: str) -> object:
    own = [thing for thing in vars(import_module(module)).values() if getattr(thing, "__module__", None) == module]
    return next((thing for thing in own if isinstance(thing, type) and issubclass(thing, Collector)), None)


def _checked(name: str, found: object) -> type[Collector]:
    if not (isinstance(found, type) and issubclass(found, Collector)):
        raise UsageError(f"collector {name!r}: {found!r} is not a Collector; define one class that is")
    if getattr(found, "name", None) != name:
        raise UsageError(f"collector {name!r} calls itself {getattr(found, 'name', None)!r}; the two must be the same")
    if wrong := slip(found):
        raise UsageError(f"collector {name!r} declares what cannot be used: {wrong}")
    return found
