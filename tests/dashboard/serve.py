"""Serve the dashboard over a workspace, with the real owner and no schedule: serve.py WORKSPACE PORT."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


def show(owner: Any, port: str) -> None:
    """Show the pages of an owner until stopped."""
    import streamlit as st

    from dashboard._errors import error_card
    from spillover import runtime

    runtime.set_owner(owner)
    sys.argv[:] = [str(ROOT / "app.py")]
    app = st.App(ROOT / "app.py", on_script_error=error_card)
    app.run(config={"server.port": int(port), "server.address": "127.0.0.1", "server.headless": True})


if __name__ == "__main__":
    from spillover.config import Workspace
    from spillover.owner import Owner

    show(Owner(Workspace(Path(sys.argv[1]))), sys.argv[2])
