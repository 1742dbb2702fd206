"""The rude sample plugin at work: how it may misbehave, and what is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from core import clock, enablement
from core.house import BUILTIN
from core.models import Account, Entry, Member, Outbox, PluginState, ReceiptRow
from tests.samples.rude import hooks as rude
from tests.samples.rude.models import Thing
from tests.support.mall import Shop, open_shop

HOUR = timedelta(hours=1)

PURE = {
    "raises": rude.raises,
    "raises when read": rude.raises_when_read,
    "opens a session": rude.opens_a_session,
    "opens a unit of work": rude.opens_a_unit_of_work,
    "takes the writer": rude.takes_the_writer,
    "uses a kept session": rude.uses_a_kept_session,
}
WORSE = PURE | {f"returns {what}": rude.returns(rubbish) for what, rubbish in rude.RUBBISH.items()}
UNFIT = {f"a row that {what}": rude.returns(rubbish) for what, rubbish in rude.UNFIT.items()}


def rude_shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A shop with the rude plugin in it, behaving until told otherwise; for a fixture."""
    opened = open_shop(database_url, tmp_path / "home", plugins=[*BUILTIN, "tests.samples.rude"])
    Thing.__table__.create(opened.database.writer)  # type: ignore[attr-defined]
    opened.pump()
    rude.KEPT.append(opened.database.session())
    yield opened
    rude.KEPT.pop().close()
    rude.MANNERS.clear()
    rude.CALLS.clear()
    opened.close()


def behave(shop: Shop, **manners: Callable[..., Any]) -> None:
    """From now on the plugin does this, with no fault on its account."""
    rude.MANNERS.clear()
    rude.MANNERS.update(manners)
    shop.host.plugins["rude"].faults.clear()


def rows(shop: Shop) -> tuple[int, ...]:
    """How many rows there are of what a receipt writes."""
    return tuple(shop.count(model) for model in (ReceiptRow, Entry, Account, Outbox, Thing, Member))


def tripped(shop: Shop) -> str:
    """Why the plugin is out of service, empty when it is not."""
    return (
        shop.ask(select(PluginState.reason).filter_by(plugin="rude").where(PluginState.tripped_at.is_not(None))) or ""
    )


def let_back(shop: Shop) -> None:
    """A person puts it back into service."""
    with shop.work() as uow:
        enablement.let_back(uow, plugin="rude")


def owed(shop: Shop) -> int:
    """How many rewards are still to come."""
    return int(shop.ask(select(func.count()).select_from(Outbox).filter_by(topic="receipt.rewards", done_at=None)))


def pump_at(shop: Shop, moment: datetime) -> None:
    """Deliver what is due at that moment."""
    with clock.stopped_at(moment):
        shop.pump()
