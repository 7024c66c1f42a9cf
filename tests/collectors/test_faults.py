"""Every HTTP collector behind a proxy with faults: no crash, no false "nothing found", no false removal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from spillover.client import HttpClient, Place, Rules
from spillover.contract import Page
from spillover.errors import CollectError
from spillover.testing import check_page
from tests.collectors.cases import all_cases
from tests.collectors.casing import Case
from tests.faultproxy import FAULTS, Proxy, serving
from tests.world import SimulatedClock

NAMED = all_cases()
TODAY = datetime(2026, 11, 23, tzinfo=UTC)  # after all that the cases ask for
# An answer that is documented to mean "nothing found", or a feed that is read as far as it goes.
HONEST = {("gdelt", "another shape")}


@pytest.fixture(params=[case for _, case in NAMED], ids=[name for name, _ in NAMED])
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def proxy(case: Case, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    with serving(Proxy(case.exchanges())) as started:
        name = case.collector.name.upper()
        base = f"http://127.0.0.1:{started.port}"
        monkeypatch.setenv(f"SPILLOVER_{name}_BASE_URL", base)
        for service in case.collector.services.values():
            monkeypatch.setenv(f"SPILLOVER_{name}_{service.upper()}_BASE_URL", base)
        yield started


def run(case: Case) -> tuple[list[Page], CollectError | None]:
    """Return what a run brought, and how it failed if it did."""
    secrets = dict.fromkeys((*case.collector.needs, *case.collector.wants), "a-secret-of-the-test")
    made = type("Fresh", (case.collector,), {})  # a gate of its own, so that no trouble outlives its test
    place = Place(secrets, case.instances, allow_private=True, clock=SimulatedClock(TODAY))
    pages: list[Page] = []
    with HttpClient(made, place, rules=Rules(attempts=2, connect_s=2, read_s=2, total_s=4)) as client:
        try:
            for page in case.ask(made(client, secrets, case.instances)):
                pages.append(page)
        except CollectError as error:
            return pages, error
    return pages, None


def test_on_a_good_day_it_brings_what_was_recorded(case: Case, proxy: Proxy) -> None:
    pages, _ = run(case)
    assert proxy.asked
    assert any(page.posts or page.readings or page.availability or page.measures for page in pages)
    for page in pages:
        check_page(page)


@pytest.mark.parametrize("fault", FAULTS)
def test_trouble_is_said_and_removes_nothing(case: Case, proxy: Proxy, fault: str) -> None:
    proxy.fault = FAULTS[fault]
    pages, error = run(case)
    for page in pages:
        assert [check for check in page.availability if check.status not in ("unknown", "up")] == []
        if fault != "half a body":
            assert not page.posts
    if (case.collector.name, fault) not in HONEST:
        assert error is not None or all(page.cut_short for page in pages) or _all_unknown(pages)


def _all_unknown(pages: list[Page]) -> bool:
    """Say whether a run that did not fail says of every post that it could not tell."""
    checks = [check for page in pages for check in page.availability]
    return bool(checks) and all(check.status == "unknown" and check.basis != "absent" for check in checks)
