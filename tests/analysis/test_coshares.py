"""Pairs of shares within a window, held against a plain double loop, a join in SQL, and two other packages' counts."""

from __future__ import annotations

import csv
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis._coortweet import above, coshares, network
from analysis._coshares import Edges, Shares, edges, meetings
from analysis._groups import groups, sizes
from tests.bench.bench_coordination import BANDED

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 60)), max_size=40)


def shares_of(rows: list[tuple[int, int, int]]) -> Shares:
    """Make shares of (object, account, at), each a post of its own."""
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    return Shares(np.arange(len(rows)), *columns)


def pairs(shares: Shares, window: int, cap: int | None = None) -> set[tuple[int, int]]:
    met = meetings(shares, window, cap=cap)
    return {(min(pair), max(pair)) for pair in zip(met.first.tolist(), met.second.tolist(), strict=True)}


@given(rows=ROWS, window=st.integers(0, 30))
def test_the_pairs_are_those_of_a_plain_double_loop(rows, window):
    wanted = {
        (i, j)
        for i, j in combinations(range(len(rows)), 2)
        if rows[i][0] == rows[j][0] and abs(rows[i][2] - rows[j][2]) <= window
    }
    met = meetings(shares_of(rows), window)
    assert pairs(shares_of(rows), window) == wanted
    assert len(met.first) == len(wanted)


@settings(max_examples=20)  # each opens a database
@given(rows=ROWS, window=st.integers(0, 30))
def test_the_pairs_are_those_of_a_banded_join(rows, window):
    with duckdb.connect() as con:
        con.execute("CREATE TABLE shares (row INTEGER, object INTEGER, account INTEGER, sent INTEGER)")
        if rows:
            con.executemany("INSERT INTO shares VALUES (?, ?, ?, ?)", [(i, *row) for i, row in enumerate(rows)])
        found = con.execute(f"SELECT l, r FROM ({BANDED.format(window=window)})").fetchall()
    assert {(min(pair), max(pair)) for pair in found} == pairs(shares_of(rows), window)


@given(rows=ROWS, window=st.integers(0, 30), least=st.integers(1, 3))
def test_two_accounts_weigh_as_many_different_objects_as_they_share_in_step(rows, window, least):
    shares = shares_of(rows)
    wanted: dict[tuple[int, int], set[int]] = {}
    for i, j in pairs(shares, window):
        if rows[i][1] != rows[j][1]:
            wanted.setdefault(tuple(sorted((rows[i][1], rows[j][1]))), set()).add(rows[i][0])
    found = edges(shares, meetings(shares, window), shares.account, least=least)
    assert {(a, b): w for a, b, w in zip(*(column.tolist() for column in found), strict=True)} == {
        pair: len(objects) for pair, objects in wanted.items() if len(objects) >= least
    }


def test_one_post_with_many_links_is_one_act():
    """Two posts that share three links have met once, not three times."""
    thing, account = np.array([0, 1, 2, 0, 1, 2]), np.array([0, 0, 0, 1, 1, 1])
    shares = Shares(account, thing, account, np.zeros(6, np.int64))
    assert edges(shares, meetings(shares, 10), account).weight.tolist() == [1]


def test_cells_with_too_many_shares_are_left_out_and_counted():
    shares = shares_of([(0, account, account % 5) for account in range(20)] + [(0, 1, 100), (0, 2, 101), (1, 1, 3)])
    met = meetings(shares, 10, cap=19)
    assert met.crowded == 1
    assert pairs(shares, 10, cap=19) == {(20, 21)}
    assert meetings(shares, 10, cap=20).crowded == 0


def test_no_shares_make_no_pairs():
    nothing = shares_of([])
    assert len(edges(nothing, meetings(nothing, 10, cap=3), nothing.account, least=2).low) == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_groups_are_what_hangs_together(links):
    found = Edges(
        *(np.array([link[side] for link in links], np.int64) for side in (0, 1)), np.ones(len(links), np.int64)
    )
    parts: list[set[int]] = []
    for link in links:
        touched = [part for part in parts if part & set(link)]
        parts = [part for part in parts if part not in touched] + [set(link).union(*touched)]
    accounts, group = groups(found)
    assert {frozenset(accounts[group == one].tolist()) for one in set(group.tolist())} == {frozenset(p) for p in parts}
    assert sorted(sizes(found).tolist()) == sorted(len(part) for part in parts)


@pytest.fixture(scope="module")
def given_data(shared: Path) -> Path:
    return shared / "data" / "methods"


@pytest.fixture(scope="module")
def russian(given_data: Path) -> Shares:
    """The retweets that CooRTweet ships (MIT), ids replaced by numbers."""
    file = given_data / "coortweet_russian_int.parquet"
    rows = duckdb.sql(f"SELECT content_id, object_id, account_id, ts FROM '{file}'").fetchnumpy()
    number: Callable[[str], np.ndarray] = lambda name: np.unique(rows[name], return_inverse=True)[1]  # noqa: E731
    return Shares(number("content_id"), number("object_id"), number("account_id"), rows["ts"].astype(np.int64))


def reference(folder: Path) -> list[dict[str, str]]:
    with (folder / "coortweet_reference.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_count_of_coortweet_comes_out_exactly(russian, given_data):
    rows = reference(given_data)
    assert len(rows) == 10
    for row in rows:
        window, least, loops = int(row["time_window"]), int(row["min_participation"]), row["remove_loops"] == "FALSE"
        shares, met = coshares(russian, window, least, loops=loops)
        found = network(shares, met)
        beyond = above(found, float(row["edge_weight"]))
        apart = np.abs(shares.at[met.first] - shares.at[met.second])
        counted = {
            "n_pairs": len(met.first),
            "n_objects": len(np.unique(shares.object[met.first])),
            "n_accounts": len(np.union1d(found.low, found.high)),
            "sum_delta": int(apart.sum()),
            "E": len(found.low),
            "wmax": int(found.weight.max()),
            "wsum": int(found.weight.sum()),
            "comps": len(sizes(found)),
            "E_above": len(beyond.low),
            "V1": len(np.union1d(beyond.low, beyond.high)),
        }
        assert counted == {name: int(row[name]) for name in counted}, row


def test_the_edges_are_as_many_as_the_second_package_has(russian):
    """coordination-network-toolkit 1.5.2, co_retweet within 10 s: 2,184 rows, both ways."""
    assert len(edges(russian, meetings(russian, 10), russian.account).low) == 1092


@pytest.mark.parametrize(
    ("window", "weights"), [(10, [1092, 2, 1, 0]), (60, [6206, 32, 3, 0]), (300, [30010, 392, 64, 11])]
)
def test_weights_by_different_objects_are_those_of_the_method_notes(russian, window, weights):
    found = edges(russian, meetings(russian, window), russian.account)
    assert [int((found.weight >= least).sum()) for least in (1, 2, 3, 5)] == weights
