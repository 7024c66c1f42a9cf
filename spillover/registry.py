"""Collectors by name: the folder ``collectors/`` first, then packages that registered one.

Listing imports nothing; loading imports exactly one. A plug-in that cannot be loaded takes nothing else down.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from spillover._where import ROOT
from spillover.contract import Collector
from spillover.errors import UsageError

GROUP = "spillover.collectors"


def names() -> list[str]:
    """Return every collector's name, sorted."""
    return sorted({*_in_tree(), *_plugins()})


def load(name: str) -> type[Collector]:
    """Import one collector; raise UsageError that says what is wrong with it."""
    if name in _in_tree():
        return _checked(name, _collector_in(f"collectors.{name}"))
    found = _plugins().get(name, [])
    if not found:
        raise UsageError(f"no collector {name!r}; there are: {', '.join(names())}")
    if len(found) > 1:
        raise UsageError(
            f"collector {name!r} is claimed by two packages: {', '.join(e.value for e in found)}; uninstall one"
        )
    try:
        return _checked(name, found[0].load())
    except (ImportError, AttributeError) as error:
        raise UsageError(f"collector {name!r} of {found[0].value} cannot be imported: {error}") from error


def _in_tree() -> list[str]:
    return [path.stem for path in (ROOT / "collectors").glob("[!_]*.py")]


def _plugins() -> dict[str, list[EntryPoint]]:
    return _plugins_on(tuple(sys.path))


@lru_cache(
    maxsize=4
)  # reading what every installed package says of itself takes 20 ms, and a campaign asks for each name it holds
def _plugins_on(path: tuple[str, ...]) -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, []).append(entry)
    return found


def _collector_in(module: str) -> object:
    own = [thing for thing in vars(import_module(module)).values() if getattr(thing, "__module__", None) == module]
    return next((thing for thing in own if isinstance(thing, type) and issubclass(thing, Collector)), None)


def _checked(name: str, found: object) -> type[Collector]:
    if not (isinstance(found, type) and issubclass(found, Collector)):
        raise UsageError(f"collector {name!r}: {found!r} is not a Collector; define one class that is")
    if found.name != name:
        raise UsageError(f"collector {name!r} calls itself {found.name!r}; the two must be the same")
    return found
