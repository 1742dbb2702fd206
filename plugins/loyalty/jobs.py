"""Nightly work of loyalty: what is past expires. Points that waited become usable by their date alone."""

from __future__ import annotations

from core import Job, MallFacts, UnitOfWork, clock
from plugins.loyalty import services


def expire_points(mall: MallFacts, uow: UnitOfWork) -> None:
    """Book out all lots whose last day was yesterday or before."""
    while services.expire_lots(uow, mall_id=mall.id, today=clock.today(mall.zone)):
        pass


JOBS = (Job("expire_points", "10 1 * * *", expire_points),)
