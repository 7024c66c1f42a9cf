"""Trees out of parents, and their shape; against igraph's figures, plain loops, and real reposts of Weibo."""

from __future__ import annotations

from itertools import combinations

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis._trees import NONE, children, forest, shapes


def planted(parents):
    return forest(np.array(parents, dtype=np.int64))


def virality(parents) -> float:
    return shapes(planted(parents)).virality[0]


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        ([NONE] + [0] * 9, 1.8),  # a star of ten: 2 - 2 / n
        ([NONE, *range(9)], 11 / 3),  # a path of ten: (n + 1) / 3
        ([NONE, *((node - 1) // 2 for node in range(1, 127))], 8.3509561305),  # igraph mean_distance
        ([NONE, 0], 1.0),
    ],
    ids=["star", "path", "binary", "pair"],
)
def test_virality_is_the_mean_distance(parents, expected):
    assert virality(parents) == pytest.approx(expected, abs=1e-9)


def test_virality_of_a_tree_by_preferential_attachment_equals_igraphs(shared):
    edges = np.loadtxt(shared / "data/methods/pa_tree500.csv", delimiter=",", skiprows=1, dtype=int)
    parents = np.full(500, NONE)
    parents[edges[:, 1] - 1] = edges[:, 0] - 1
    assert virality(parents) == pytest.approx(8.5149018036, abs=1e-9)


def test_a_single_post_has_no_virality():
    found = shapes(planted([NONE, NONE, 1]))
    assert found.size.tolist() == [1, 2]
    assert np.isnan(found.virality).tolist() == [True, False]


def test_a_cycle_is_cut_above_its_first_post_and_counted():
    found = planted([2, 0, 1, 1, NONE, 4, 7, 6])  # 0 -> 2 -> 1 -> 0, 3 hangs on it; 6 and 7 point at each other
    assert found.cycles == 2
    assert found.parent.tolist() == [NONE, 0, 1, 1, NONE, 4, NONE, 6]
    assert found.depth.tolist() == [0, 1, 2, 2, 0, 1, 0, 1]


def test_nothing_makes_no_tree():
    assert shapes(planted([])).size.tolist() == []


@given(st.integers(1, 40).flatmap(lambda n: st.lists(st.integers(-1, n - 1), min_size=n, max_size=n)))
def test_trees_agree_with_plain_loops(parents):
    parents = [NONE if parent == node else parent for node, parent in enumerate(parents)]
    found = planted(parents)
    for node, parent in enumerate(found.parent.tolist()):
        assert parent in (NONE, parents[node])
        assert found.depth[node] == (0 if parent == NONE else found.depth[parent] + 1)
        assert found.tree[node] == found.tree[parent if parent != NONE else node]
    assert (found.parent != np.array(parents)).sum() == found.cycles
    shape = shapes(found)
    for tree in range(len(shape.size)):
        nodes = np.flatnonzero(found.tree == tree)
        assert shape.size[tree] == len(nodes)
        assert shape.depth[tree] == found.depth[nodes].max()
        assert shape.breadth[tree] == np.bincount(found.depth[nodes]).max()
        if len(nodes) > 1:
            distances = [_distance(found.parent, a, b) for a, b in combinations(nodes, 2)]
            assert shape.virality[tree] == pytest.approx(np.mean(distances))
    assert children(found).sum() == (found.parent != NONE).sum()


def _distance(parent, one: int, other: int) -> int:
    ways = []
    for node in (one, other):
        way = [node]
        while parent[way[-1]] != NONE:
            way.append(parent[way[-1]])
        ways.append(way)
    shared = set(ways[0]) & set(ways[1])
    return sum(next(i for i, node in enumerate(way) if node in shared) for way in ways)


def test_real_reposts_of_weibo_make_trees_of_the_same_size_and_depth(shared):
    """All 2,371 cascades of the CED set; a parent that is not shown is taken for the first post."""
    path = str(shared / "data/spread/cascades/weibo_ced_reposts.parquet")
    rows = duckdb.execute(
        "SELECT cascade, seq, parent_seq FROM read_parquet(?) ORDER BY cascade, seq", [path]
    ).fetchnumpy()
    cascade, starts, place = np.unique(rows["cascade"], return_index=True, return_inverse=True)
    first = starts + np.arange(len(cascade))  # a first post stands before the reposts of each cascade
    node = np.arange(len(place)) + place + 1
    by_seq = {(c, s): n for c, s, n in zip(place.tolist(), rows["seq"].tolist(), node.tolist(), strict=True)}
    parents = np.full(len(place) + len(cascade), NONE, dtype=np.int64)
    parents[node] = [
        by_seq.get((c, p), f)
        for c, p, f in zip(place.tolist(), rows["parent_seq"].tolist(), first[place].tolist(), strict=True)
    ]
    found = forest(parents)
    shape = shapes(found)
    assert shape.size.sum() == 884_192 + len(cascade)
    above, depth = parents.tolist(), {}
    for start in range(0, len(above), 97):  # a sample, climbed step by step
        node_, steps, seen = start, 0, set()
        while above[node_] != NONE and node_ not in seen:
            seen.add(node_)
            node_, steps = above[node_], steps + 1
        if above[node_] == NONE:
            depth[start] = steps
    assert len(depth) > 9000
    assert all(found.depth[node_] == steps for node_, steps in depth.items())
    assert found.cycles == 0
    assert np.nanmedian(shape.virality) < 3  # low, as Goel et al. found elsewhere
