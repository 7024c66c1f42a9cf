"""The ordinary runs of every collector that asks over HTTP, gathered from their own test modules."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.collectors.casing import Case


def all_cases() -> list[tuple[str, Case]]:
    """Return each case with a name."""
    found = []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if "\nCASES" in path.read_text("utf-8"):
            cases: list[Case] = import_module(f"tests.collectors.{path.stem}").CASES
            found += [(f"{case.collector.name}-{number}", case) for number, case in enumerate(cases)]
    return found
