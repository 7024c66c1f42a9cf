"""The case studies: commands are found and run in their order, and what stands below them is what they say."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from docs.make_case_studies import FOLDER, commands, known, refreshed, shell
from tests.conftest import ROOT

PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
SHARED = ROOT / "../shared/data/spread"
PAGE = """Words.

```console
$ echo one \\
    two
old
$ spillover show weather
$ cd $CASE && pwd
```

```
$ not run
```
"""


def test_answers_are_replaced_and_nothing_else(tmp_path: Path) -> None:
    assert list(commands(PAGE)) == ["echo one \\\n    two", "spillover show weather", "cd $CASE && pwd"]
    made = refreshed(PAGE, shell(tmp_path))
    assert made == PAGE.replace("old\n", "one two\n").replace(
        "weather\n", "weather\n(this version does not answer that)\n"
    ).replace("&& pwd\n", "&& pwd\n$CASE\n")
    assert refreshed(made, shell(tmp_path)) == made


def test_a_command_that_fails_makes_no_page(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such thing"):
        shell(tmp_path)("echo no such thing >&2; exit 3")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_question_is_asked_of_every_case(page: Path) -> None:
    from analysis.questions import QUESTIONS

    asked = page.read_text("utf-8")
    assert [name for name in QUESTIONS if f"spillover show {name} " not in asked] == []
    assert all(known(command) or "regions" in command for command in commands(asked))


@pytest.mark.slow
def test_a_page_says_what_its_commands_say_now() -> None:
    if not SHARED.is_dir():
        pytest.skip("SKIPPED LOUDLY: the shared data is not beside this checkout")
    page = (FOLDER / "ced-cascades.md").read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:  # a long path would be cut short in a table
        assert _drawn(refreshed(page, shell(Path(folder)))) == _drawn(page)


def _drawn(page: str) -> list[str]:
    """Return the lines of a page that do not hang on draws by lot, nor on how wide those make a column."""
    return [re.sub(" {2,}", "  ", line) for line in page.splitlines() if " ± " not in line]
