"""docs/method.md says what the code says."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path

import pytest

from analysis import (
    alerts,
    by_views,
    cascades,
    compare,
    coordination,
    coverage,
    crossings,
    missed,
    outside,
    overview,
    people,
    reach,
    regions,
    removals,
    series,
    speed,
    survival,
    withholding,
)

MAKER = Path(__file__).resolve().parents[2] / "docs" / "make_method.py"
METRICS = (
    alerts.alerts,
    by_views.by_views,
    reach.reach,
    compare.compare,
    coordination.coordination,
    reach.increments,
    reach.posts_over_time,
    regions.regions,
    cascades.cascades,
    crossings.crossings,
    crossings.first_seen,
    coverage.strip,
    coverage.ledger,
    coverage.gaps,
    missed.missed,
    missed.newest,
    outside.outside,
    overview.headline,
    people.all_platforms,
    people.people,
    series.series,
    speed.speed,
    removals.removals,
    survival.survival,
    withholding.withheld,
    withholding.by_country,
)


@pytest.fixture
def maker():
    spec = importlib.util.spec_from_file_location("make_method", MAKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_not_stale(maker):
    assert maker.PAGE.read_text(encoding="utf-8") == maker.page(), "run: python docs/make_method.py"


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.__name__)
def test_every_metric_carries_the_four_lines(maker, metric):
    lines = inspect.getdoc(metric).splitlines()
    assert [line for line in maker.LINES if any(text.startswith(f"{line}: ") for text in lines)] == list(maker.LINES)
    assert f".{metric.__name__}" in maker.page()
