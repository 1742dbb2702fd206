"""The doorbells of loyalty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core import Facts, Job, Read, StoreFacts, Tell, Text, Transfer, UnitOfWork, Visit, _, hookimpl
from plugins.loyalty import jobs as work
from plugins.loyalty import services
from plugins.loyalty.facts import Own, read_facts
from plugins.loyalty.rules import receipts, tenders


@hookimpl
def admin_views() -> Iterable[Any]:
    from plugins.loyalty.views import ENTRIES  # not above: a worker has no screens and should not load them

    return ENTRIES


@hookimpl
def receipt_facts(visits: tuple[Visit, ...], read: Read) -> Mapping[int, Own]:
    return read_facts(visits, read)


@hookimpl
def receipt_tenders(facts: Facts) -> Iterable[Transfer | Tell]:
    return tenders.tender(facts)


@hookimpl
def receipt_rewards(facts: Facts) -> Iterable[Transfer | Tell]:
    return receipts.reward(facts)


@hookimpl
def receipt_returned(facts: Facts) -> Iterable[Transfer | Tell]:
    return receipts.returned(facts)


@hookimpl
def receipt_member(facts: Facts) -> Iterable[Tell]:
    return receipts.standing(facts)


@hookimpl
def jobs() -> Iterable[Job]:
    return work.JOBS


@hookimpl
def reports() -> Iterable[Any]:
    from plugins.loyalty.reports import REPORTS

    return REPORTS


@hookimpl
def member_panels(member_id: int, uow: UnitOfWork) -> Iterable[Mapping[str, Any]]:
    from plugins.loyalty.views.panel import panels

    return panels(member_id, uow)


@hookimpl
def store_left_behind(store: StoreFacts, uow: UnitOfWork) -> Iterable[Text]:
    members, points = services.members_with_points(uow, mall_id=store.mall_id)
    left = _("Members with points: %(members)s, points: %(points)s.", members=members, points=points)
    return [left] if members else []


@hookimpl
def books_totals(uow: UnitOfWork) -> Mapping[str, Any]:
    return services.count_points(uow)
