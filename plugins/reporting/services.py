"""Sums over receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from core import ReceiptRow, StoreFacts, UnitOfWork


def sales_by_day(
    uow: UnitOfWork, *, stores: Mapping[int, StoreFacts], days: tuple[date, date]
) -> Iterator[dict[str, Any]]:
    """Sales of each store and business day: receipts, gross, what came back, net; by day, then by store."""
    is_sale = ReceiptRow.kind == "sale"
    gross = func.sum(case((is_sale, ReceiptRow.total), else_=0))
    back = func.sum(case((is_sale, 0), else_=ReceiptRow.total))
    sales, members = func.sum(case((is_sale, 1), else_=0)), func.count(ReceiptRow.member_id)
    query = (
        select(ReceiptRow.business_date, ReceiptRow.store_id, ReceiptRow.currency, sales, members, gross, back)
        .where(ReceiptRow.store_id.in_(stores), ReceiptRow.business_date.between(*days))
        .group_by(ReceiptRow.business_date, ReceiptRow.store_id, ReceiptRow.currency)
        .order_by(ReceiptRow.business_date, ReceiptRow.store_id, ReceiptRow.currency)
    )
    for day, store_id, currency, count, known, sold, returned in uow.session.execute(query):
        store, sold, returned = stores[store_id], int(sold), int(returned)
        row = {"day": day, "store": f"{store.code} {store.name}", "currency": currency, "gross": sold}
        row |= {"sales": int(count), "members": int(known), "returned": -returned, "net": sold - returned}
        yield {**row, "average": round(sold / count) if count else None}
