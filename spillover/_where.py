"""Where the application folders are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
ROOT = _PACKAGE / "_bundle" if (_PACKAGE / "_bundle").is_dir() else _PACKAGE.parent


def own_process() -> None:
    """Make the application folders importable. Only for processes that this tool starts."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
