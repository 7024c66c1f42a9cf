"""Serve the dashboard over a workspace, with the real owner and no schedule: serve.py WORKSPACE PORT."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def main(folder: str, port: str) -> None:
    import streamlit as st

    from dashboard._parts import error_card
    from spillover import runtime
    from spillover.config import Workspace
    from spillover.owner import Owner

    runtime.set_owner(Owner(Workspace(Path(folder))))
    sys.argv[:] = [str(ROOT / "app.py")]
    app = st.App(ROOT / "app.py", on_script_error=error_card)
    app.run(config={"server.port": int(port), "server.address": "127.0.0.1", "server.headless": True})


if __name__ == "__main__":
    main(*sys.argv[1:])
