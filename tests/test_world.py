"""A made-up world is the same for the same seed, lands whole, and its truth notices when answers are wrong."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from spillover.__main__ import main
from spillover.campaign import check_campaign
from spillover.config import Workspace
from spillover.owner import Desk
from spillover.world.comparing import Scores
from spillover.world.scoring import answers, score
from spillover.world.simulate import simulate

KEPT = ("vk", "x")  # platforms that are imported here: the others take as long and show the same
FIELDS = ["question", "metric", "n", "error", "intervals", "cover", "bounds", "held"]


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.*")) if path.is_file()}


def read(folder: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text("utf-8"))
    return truth


def records(folder: Path, platform: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "records" / f"{platform}.ndjson").read_bytes().splitlines()]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, seed=4, effect="all")
    return folder


@pytest.fixture(scope="module")
def lines(world: Path) -> list[dict[str, Any]]:
    """The scores of two platforms at the last moment."""
    for path in (world / "records").iterdir():
        if path.stem not in KEPT:
            path.unlink()
    truth = read(world)
    truth["answers"] = [row for row in truth["answers"] if row["as_of"] == truth["ends_at"] or "about" in row]
    (world / "truth.json").write_text(json.dumps(truth), "utf-8")
    return list(score([world]))


def test_the_same_seed_makes_the_same_bytes_and_another_one_others(world: Path, tmp_path: Path) -> None:
    first = content(world)
    simulate(tmp_path / "again", seed=4, effect="all")
    simulate(tmp_path / "other", seed=5, effect="all")
    assert content(tmp_path / "again") == first
    assert content(tmp_path / "other")["records/x.ndjson"] != first["records/x.ndjson"]


def test_a_world_without_effects_says_so(tmp_path: Path) -> None:
    simulate(tmp_path, seed=9, effect="none")
    truth = read(tmp_path)
    verdicts = [row["value"] for row in truth["answers"] if row["kind"] == "verdict"]
    assert truth["effects"] == [] and len(verdicts) > 20 and not any(verdicts)
    assert {one["times_as_strict"] for one in truth["platforms"].values()} == {1.0}
    assert not any(planted for one in truth["platforms"].values() for planted in one["posts"]["planted"])


def test_the_campaign_can_be_registered(world: Path) -> None:
    assert check_campaign(world / "campaign.toml") == []


def test_nothing_is_seen_before_it_is_there_or_counted_after_it_is_gone(world: Path) -> None:
    posts = read(world)["platforms"]["x"]["posts"]
    known = dict(
        zip(
            posts["id"],
            zip(*(posts[name] for name in ("published_at", "found_at", "gone_at")), strict=True),
            strict=True,
        )
    )
    seen = Counter[str]()
    for line in records(world, "x"):
        if line["type"] == "observation" and line["id"] in known:
            published, found, gone = known[line["id"]]
            assert published <= line["observed_at"] and found <= line["observed_at"]
            assert gone is None or line["observed_at"] <= gone
            seen[line["id"]] += 1
    assert seen.keys() == {name for name, (_, found, _) in known.items() if found} and max(seen.values()) > 10


def test_rounded_counts_hold_the_true_one(tmp_path: Path) -> None:
    simulate(tmp_path, seed=4, effect="none")
    shown = [line for line in records(tmp_path, "telegram") if line["type"] == "observation" and "views_low" in line]
    assert sum(line["views_low"] < line["views_high"] for line in shown) > 100
    last = sorted(shown, key=lambda line: line["observed_at"])
    low, high = (sum({line["id"]: line[name] for line in last}.values()) for name in ("views_low", "views_high"))
    truth = read(tmp_path)
    wanted = {"metric": "known_views", "keys": {"platform": "telegram"}, "as_of": truth["ends_at"]}
    (true,) = [row["value"] for row in truth["answers"] if wanted.items() <= row.items()]
    assert 0 < low < true < high < 1.1 * low


def test_every_record_lands_and_every_run_is_in_the_ledger(world: Path, lines: list[dict[str, Any]]) -> None:
    truth = read(world)
    with Desk(Workspace(world / "workspace")) as desk:
        held = desk.sql("SELECT platform, count(*) AS n FROM posts WHERE role = 'match' GROUP BY ALL").to_pylist()
        runs = desk.sql("SELECT collector, outcome, count(*) AS n FROM runs GROUP BY ALL").to_pylist()
        controls = desk.sql("SELECT platform, count(*) AS n FROM controls GROUP BY ALL").to_pylist()
    found = {name: sum(at is not None for at in truth["platforms"][name]["posts"]["found_at"]) for name in KEPT}
    assert {row["platform"]: row["n"] for row in held} == found
    told = [line for name in KEPT for line in records(world, name) if line["type"] == "run"]
    assert {(row["collector"], row["outcome"]): row["n"] for row in runs if row["collector"] != "file"} == Counter(
        (line["collector"], line["outcome"]) for line in told
    )
    assert {row["platform"]: row["n"] for row in controls} == {name: 3 * count for name, count in found.items()}


def test_scores_are_lines_of_every_question(lines: list[dict[str, Any]]) -> None:
    assert all(list(line) == FIELDS for line in lines)
    assert {line["question"] for line in lines} >= {
        "reach",
        "crossings",
        "removals",
        "cascades",
        "coordination",
        "coverage",
    }
    by_name = {(line["question"], line["metric"]): line for line in lines}
    for name in ("known_views", "new_views", "new_views (outage)"):
        assert by_name["reach", name]["held"] == 1.0 and by_name["reach", name]["bounds"] > 0
    assert by_name["coverage", "minutes_watched"]["error"] == 0.0
    assert by_name["removals", "all intervals"]["cover"] > 0.8


def test_a_truth_that_is_shifted_is_not_held(world: Path, lines: list[dict[str, Any]]) -> None:
    truth, scores = read(world), Scores()
    kept = ("gone_", "difference_", "known_views", "velocity")
    truth["answers"] = [
        row | {"value": 1.3 * row["value"] + 0.3}
        for row in truth["answers"]
        if row["metric"].startswith(kept) and row["by"] == "platform" and "about" not in row
    ]
    with Desk(Workspace(world / "workspace")) as desk:
        for true, answer in answers(truth, desk):
            scores.compare(true, answer)
    by_name = {(line["question"], line["metric"]): line for line in scores.lines()}
    assert by_name["removals", "all intervals"]["cover"] < 0.2
    assert by_name["reach", "known_views"]["held"] == 0.0


def test_what_is_compared_how() -> None:
    def held(kind: str, true: Any, **said: Any) -> tuple[int, int, int, int]:
        row = {
            "metric": "gone_24h",
            "keys": {"platform": "x"},
            "suppressed": False,
            "rests_on": "",
            "verdict": None,
            "n": 9,
        } | said
        scores = Scores()
        scores.compare(
            {"question": "removals", "kind": kind, "metric": "gone_24h", "keys": {"platform": "x"}, "value": true},
            [row],
        )
        one = scores.found.get(("removals", "gone_24h"))
        return (one.intervals, one.covered, one.bounds, one.held) if one else (0, 0, 0, 0)

    assert held("interval", 0.5, value=0.4, low=0.3, high=0.6) == (1, 1, 0, 0)
    assert held("interval", 0.7, value=0.4, low=0.3, high=0.6) == (1, 0, 0, 0)
    assert held("interval", 0.7, value=0.4, low=None, high=None) == (0, 0, 0, 0)
    assert held("bound", 7, value=4, low=3, high=None) == (0, 0, 1, 1)
    assert held("bound", 2, value=4, low=3, high=None) == (0, 0, 1, 0)
    assert held("at_least", 9, value=4, low=3, high=5) == (0, 0, 1, 1)
    assert held(
        "time", "2025-05-01T10:00:00Z", value="2025-05-01T11:00:00Z", low=None, high="2025-05-01T11:00:00Z"
    ) == (0, 0, 1, 1)
    assert held(
        "time", "2025-05-01T12:00:00Z", value="2025-05-01T11:00:00Z", low=None, high="2025-05-01T11:00:00Z"
    ) == (0, 0, 1, 0)
    assert held("interval", 0.5, value=0.4, low=0.3, high=0.6, suppressed=True) == (0, 0, 0, 0)


def test_a_conclusion_counts_where_there_is_no_effect() -> None:
    scores = Scores()
    true = {"question": "removals", "kind": "verdict", "metric": "hazard_ratio", "keys": {}, "value": False}
    row = {
        "metric": "hazard_ratio",
        "keys": {},
        "suppressed": False,
        "rests_on": "",
        "value": 2.0,
        "low": 1.5,
        "high": 3.0,
    }
    for verdict in ("being stopped", "cannot tell", "consistent with being let through", "insufficient"):
        scores.compare(true, [row | {"verdict": verdict}])
    (line,) = scores.lines()
    assert (line["metric"], line["n"], round(line["error"], 3)) == ("concluded without effect", 3, 0.333)


def test_the_commands_write_and_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", str(tmp_path / "w"), "--seed", "-1"]) == 2
    assert main(["score", str(tmp_path)]) == 2
    assert "spillover simulate" in capsys.readouterr().err
    assert main(["simulate", str(tmp_path / "w"), "--seed", "3", "--effect", "none", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["effects"] == [] and told["lines"] > 10_000
