"""Overlap whatever the time: the hypergeometric law against plain sums, and the counts of the method notes."""

from __future__ import annotations

from math import comb
from pathlib import Path

import duckdb
import numpy as np
import pytest

from analysis._coshares import Shares
from analysis._overlap import at_least, benjamini_hochberg, overlap


def test_the_tail_is_the_sum_of_the_hypergeometric_law():
    cases = [(n, one, two) for one in range(1, 9) for two in range(one, 9) for n in range(1, one + 1)]
    wanted = [
        sum(comb(two, x) * comb(20 - two, one - x) for x in range(n, one + 1)) / comb(20, one) for n, one, two in cases
    ]
    n, one, two = (np.array(column) for column in zip(*cases, strict=True))
    got = at_least(n, 20, one, two)
    assert got == pytest.approx(wanted, rel=1e-9)


def test_pairs_without_overlap_count_as_tests():
    p = np.array([0.001, 0.004, 0.02])
    assert benjamini_hochberg(p, 3, 0.05) == 0.02
    assert benjamini_hochberg(p, 30, 0.05) == 0.001
    assert benjamini_hochberg(p, 300, 0.05) == -1


def test_real_retweets_give_the_counts_of_the_method_notes(shared: Path):
    """954,863 pairs of accounts with two objects at least; 3,387 stand by Bonferroni's rule, 80,997 by the other."""
    file = shared / "data" / "methods" / "coortweet_russian_int.parquet"
    rows = duckdb.sql(f"SELECT object_id, account_id FROM '{file}'").fetchnumpy()
    thing, account = (np.unique(rows[name], return_inverse=True)[1] for name in ("object_id", "account_id"))
    found = overlap(Shares(np.arange(len(thing)), thing, account, np.zeros(len(thing), np.int64)))
    assert len(found.p) == 954_863
    assert int((found.p <= 0.01 / found.possible).sum()) == 3_387
    assert len(found.validated(0.01).low) == 80_997


def test_an_object_that_too_many_share_is_left_out_everywhere():
    thing, account = np.array([0] * 9 + [1, 1, 2, 2, 3, 4]), np.array([*range(9), 0, 1, 0, 1, 2, 2])
    shares = Shares(np.arange(15), thing, account, np.zeros(15, np.int64))
    found = overlap(shares, cap=8)
    assert (found.crowded, found.possible, found.pairs.weight.tolist()) == (1, 3, [2])
    assert found.p == pytest.approx([1 / 6])
    assert overlap(shares).crowded == 0


def test_of_nothing_there_is_no_overlap():
    nothing = np.empty(0, np.int64)
    found = overlap(Shares(nothing, nothing, nothing, nothing), cap=10)
    assert (found.possible, len(found.validated(0.01).low)) == (0, 0)
