"""What importing really loads: static graphs miss deferred imports."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT

HEAVY = ("duckdb", "pandas", "pyarrow", "streamlit", "apscheduler", "httpx", "feedparser")


def loaded_by(code: str) -> set[str]:
    shown = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", shown], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import spillover",
        "from spillover.__main__ import _parser; _parser()",
        "from spillover import registry; registry.names()",
    ],
)
def test_nothing_heavy_is_loaded_for_little(code: str) -> None:
    assert loaded_by(code).isdisjoint(HEAVY)


def test_listing_collectors_imports_none() -> None:
    assert not {
        name for name in loaded_by("from spillover import registry; registry.names()") if name.startswith("collectors.")
    }


def test_importing_us_in_a_notebook_changes_nothing_of_its_path() -> None:
    code = "before = list(sys.path)\nimport spillover\nassert sys.path == before"
    loaded_by(code)


@pytest.mark.parametrize("name", ["youtube", "rss", "gdelt", "bluesky"])
def test_a_collector_loads_no_client_and_no_database(name: str) -> None:
    assert loaded_by(f"import collectors.{name}").isdisjoint({"duckdb", "pandas", "httpx", "streamlit", "apscheduler"})
