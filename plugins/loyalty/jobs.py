"""Work of loyalty by the clock: what is past expires, what is held too long goes back. Pending points need no job."""

from __future__ import annotations

from core import Job, MallFacts, UnitOfWork, clock
from plugins.loyalty import services


def release_holds(mall: MallFacts, uow: UnitOfWork) -> None:
    """Give back the points of payments that were never finished."""
    while services.release_expired(uow, mall_id=mall.id, today=clock.today(mall.zone)):
        pass


def expire_points(mall: MallFacts, uow: UnitOfWork) -> None:
    """Book out all lots whose last day was yesterday or before."""
    while services.expire_lots(uow, mall_id=mall.id, today=clock.today(mall.zone)):
        pass


JOBS = (
    Job("release_holds", "*/5 * * * *", release_holds),
    Job("expire_points", "10 1 * * *", expire_points),
)
