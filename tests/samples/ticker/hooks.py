"""One job a day at half past two by the mall's clock."""

import time

from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from core import scope
from core.hookspecs import hookimpl
from core.jobs import Job

METADATA = MetaData()
TICKS = Table(
    "ticker_tick",
    METADATA,
    Column("no", Integer, primary_key=True),
    Column("mall", Integer),
    Column("stores", String(60)),
)
BROKEN: list[str] = []
"""While something stands here, the job fails with it."""


@hookimpl
def jobs():
    return [Job("tick", "30 2 * * *", tick)]


def tick(mall, uow):
    stores = scope.current().stores
    seen = "all" if stores is None else ",".join(map(str, sorted(stores)))
    uow.session.connection().execute(insert(TICKS).values(mall=mall.id, stores=seen))
    time.sleep(0.05)
    if BROKEN:
        raise RuntimeError(BROKEN[0])
