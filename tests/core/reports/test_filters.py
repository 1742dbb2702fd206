"""Filters: every one has a default, and what cannot be read is named."""

from __future__ import annotations

from datetime import date

import pytest

from core import reports
from core.errors import AtriumError
from core.reports import Period
from core.types import StoreFacts

TODAY = date(2026, 3, 31)
STORES = [StoreFacts(1, 1, "S0001", "Tea house"), StoreFacts(2, 1, "S0002", "Toys")]
ALL = (reports.a_day(), reports.a_period(), reports.a_store(), reports.a_member())


def read(*filters: reports.Filter, **given: str) -> dict[str, object]:
    return reports.read(filters, given, today=TODAY, stores=STORES)


def test_nothing_given_is_the_default() -> None:
    month = Period(date(2026, 3, 1), TODAY)
    assert read(*ALL) == {"day": TODAY, "period": month, "store": None, "member": None}
    assert read(reports.a_day("yesterday"), reports.a_store(one=True)) == {"day": date(2026, 3, 30), "store": STORES[0]}


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-02-01..2026-02-28", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-02-01", date(2026, 2, 1), date(2026, 2, 1)),
        ("last_month", date(2026, 2, 1), date(2026, 2, 28)),
        ("last_30_days", date(2026, 3, 2), TODAY),
        ("this_year", date(2026, 1, 1), TODAY),
    ],
)
def test_a_period_is_two_days_or_a_word(text: str, first: date, last: date) -> None:
    assert read(reports.a_period(), period=text) == {"period": Period(first, last)}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"period": "2026-02-01..2026-01-31"}, "bad_period"),
        ({"period": "2020-01-01..2026-01-31"}, "bad_period"),
        ({"period": "2026-02-30"}, "bad_filter"),
        ({"period": "soon"}, "bad_filter"),
        ({"day": "0001-01-01"}, "bad_filter"),
        ({"member": "-1"}, "bad_filter"),
        ({"member": "１"}, "bad_filter"),
        ({"member": "1 or 1=1"}, "bad_filter"),
        ({"store": "S0009"}, "not_found"),
        ({"colour": "red"}, "no_such_filter"),
    ],
)
def test_what_cannot_be_read_is_refused(given: dict[str, str], code: str) -> None:
    with pytest.raises(AtriumError) as refusal:
        read(*ALL, **given)

    assert refusal.value.reason_code == code


def test_a_store_is_named_by_its_code() -> None:
    assert read(reports.a_store(), store="S0002") == {"store": STORES[1]}
