"""Puts the application folders inside our one package, so that the wheel has one top-level name."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

APPLICATION = ("app.py", "dashboard", "collectors", "analysis", "examples", ".streamlit")


class Bundle(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":  # an editable install uses the checkout as it is
            build_data["force_include"] |= {name: f"spillover/_bundle/{name}" for name in APPLICATION}
