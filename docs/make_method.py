"""Write docs/method.md from the docstrings of the analyses; a test says when it is stale."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "method.md"
LINES = ("What it says", "What it does not say", "Formula", "Unknowns")
HEAD = """# Method: what each number says, and what it does not

This page is made from the code by `python docs/make_method.py`.
Every number leaves us with how many posts it counts and what it rests on.
"""


def page() -> str:
    """Return the page as the code stands now."""
    sys.path.insert(0, str(ROOT))
    import analysis

    names = sorted(module.name for module in pkgutil.iter_modules(analysis.__path__))
    modules = [importlib.import_module(f"analysis.{name}") for name in names]
    sections = [section for module in modules for section in _sections(module)]
    return HEAD + "".join(f"\n{section}" for section in sections)


def _sections(module: ModuleType) -> list[str]:
    """Return a section for each thing in a module, and for the module itself, that carries the four lines."""
    name = module.__name__.removeprefix("analysis.")
    things = [(f"{name}.{key}", value) for key, value in vars(module).items() if _own(module, key, value)]
    return [
        _section(title, doc)
        for title, thing in [(name, module), *things]
        if LINES[0] in (doc := inspect.getdoc(thing) or "")
    ]


def _own(module: ModuleType, key: str, value: object) -> bool:
    return inspect.isfunction(value) and value.__module__ == module.__name__ and not key.startswith("_")


def _section(title: str, doc: str) -> str:
    """Return the four lines of one docstring as a list, one sentence pair a bullet."""
    lead, _, rest = doc.partition("\n\n")
    joined = " ".join(rest.split())
    for line in LINES:
        joined = joined.replace(f" {line}: " if f" {line}: " in joined else f"{line}: ", f"\n- **{line}:** ")
    return f"## {title.lstrip('_')}\n\n{lead}\n{joined}\n".replace("``", "`")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
