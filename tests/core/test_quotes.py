"""A quote prices what could be sold, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import checkout
from core.errors import Invalid, NotFound
from core.types import MemberRef
from tests.support.arrivals import sale
from tests.support.mall import Shop


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"currency": "USD"}, "unknown_currency"), ({"total": -1}, "negative_amount"), ({"lines": 2}, "duplicate_line")],
)
def test_what_cannot_be_sold_is_not_priced(shop: Shop, wrong: dict[str, object], code: str) -> None:
    basket = sale("1", 3000).receipt
    changes = {**wrong, "lines": basket.lines * 2} if "lines" in wrong else wrong
    with pytest.raises(Invalid) as refusal:
        checkout.quote(shop.house, shop.till(), receipt=replace(basket, **changes))  # type: ignore[arg-type]
    assert refusal.value.reason_code == code


def test_a_number_that_is_none_is_said_so_and_an_unknown_one_is_not_found(shop: Shop) -> None:
    with pytest.raises(Invalid) as refusal:
        checkout.look_up(shop.house, shop.till(), ref=MemberRef("id", "seven"))
    assert refusal.value.reason_code == "bad_member_id"
    with pytest.raises(NotFound) as missing:
        checkout.look_up(shop.house, shop.till(), ref=MemberRef("phone", "17099999999"))
    assert missing.value.reason_code == "member_not_found"
