"""Search engines that answer in a list: an object in its place, or results that are counted and not shown, is not nothing found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.kakao import Kakao
from collectors.mediacloud import Mediacloud
from collectors.naver import Naver
from collectors.niconico import Niconico
from spillover.contract import Collector, Known, Query, Window
from spillover.errors import Changed
from spillover.testing import Replay

VERSION = {"last_modified": "2026-03-01T05:00:00+09:00"}
COUNTED = {"count_over_time": {"counts": [{"date": "2026-02-28", "count": 3, "total_count": 10}]}}
QUERY = Query(kind="phrase", text="the bridge", region="RU")
Told = dict[str, Any]


def naver(items: Any, total: int) -> list[Told]:
    return [{"items": items, "total": total}]


def kakao(items: Any, total: int) -> list[Told]:
    return [{"documents": items, "meta": {"total_count": total, "pageable_count": total, "is_end": True}}]


def niconico(items: Any, total: int) -> list[Told]:
    return [VERSION, {"data": items, "meta": {"status": 200, "totalCount": total}}]


def mediacloud(items: Any, total: int) -> list[Told]:
    return [COUNTED, {"stories": items, "pagination_token": None}]


ENGINES = [(Naver, naver), (Kakao, kakao), (Niconico, niconico), (Mediacloud, mediacloud)]
engines = pytest.mark.parametrize(("engine", "answer"), ENGINES, ids=[engine.name for engine, _ in ENGINES])


def asked(engine: type[Collector], told: list[Told]) -> Collector:
    secrets = dict.fromkeys((*engine.needs, *engine.wants), "a-secret-of-the-test")
    return engine(Replay(*(json.dumps(one).encode() for one in told)), secrets)


@engines
@pytest.mark.parametrize("instead", [{}, "", None, 7])
def test_what_is_no_list_has_changed(engine: type[Collector], answer: Any, instead: Any) -> None:
    with pytest.raises(Changed):
        next(asked(engine, answer(instead, 3)).search(QUERY, Window(), None))


@engines
def test_results_that_are_counted_and_not_shown_are_not_nothing_found(engine: type[Collector], answer: Any) -> None:
    page = next(asked(engine, answer([], 3)).search(QUERY, Window(), None))
    assert page.cut_short == "3 results are counted, and none is shown"


def test_an_index_of_another_shape_removes_no_video() -> None:
    with pytest.raises(Changed):
        list(asked(Niconico, niconico({}, 0)).reread([Known(id="sm9")]))
