"""`keys rotate`: a new key for each purpose; what is stored moves to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from sqlalchemy import select

from core.cli.base import Outcome, command, opened, option, working
from core.db import UnitOfWork
from core.house import House
from core.i18n import _
from core.identify import phone_number
from core.models import Card, Member, ParkedReceipt
from core.vault import Purpose

keys = click.Group("keys", help=str(_("The keys of this installation.")))

STEP = 500


@command("rotate", _("Make new keys and move what is stored to them; old keys still read."), group=keys)
@option(
    "--purpose",
    "purposes",
    multiple=True,
    type=click.Choice([purpose.value for purpose in Purpose]),
    help_text=_("Only this purpose; may be given several times."),
)
def rotate(purposes: tuple[str, ...]) -> Outcome:
    """Rotate keys, then rewrap and index again what is stored; safe to stop and run again."""
    house = opened()
    made = {name: house.vault.rotate(name) for name in purposes or [purpose.value for purpose in Purpose]}
    moved = 0
    if {Purpose.PII.value, Purpose.INDEX.value} & made.keys():
        for model in (Member, Card, ParkedReceipt):
            moved += _move(house, model)
    return Outcome(
        {"keys": made, "rows": moved}, [_("%(keys)s new keys, %(rows)s rows moved", keys=len(made), rows=moved)]
    )


def _move(house: House, model: type[Member | Card | ParkedReceipt]) -> int:
    """Bring all rows of a table under the active keys, some hundred a transaction; safe to stop and run again."""
    count = after = 0
    while True:
        with working(house, "rotation of keys") as uow:
            rows = list(_rows(uow, model, after=after))
            for row in rows:
                _renew(house, row)
        if not rows:
            return count
        count, after = count + len(rows), rows[-1].id


def _rows(uow: UnitOfWork, model: Any, *, after: int) -> Iterator[Any]:
    yield from uow.session.scalars(select(model).where(model.id > after).order_by(model.id).limit(STEP))


def _renew(house: House, row: Member | Card | ParkedReceipt) -> None:
    if not row.person_key:
        return  # erased: nothing can be read, and nothing shall be found
    row.person_key = house.vault.rewrap(row.person_key)
    if isinstance(row, Member):
        if row.phone:
            number = phone_number(row.phone)
            row.phone_index = house.vault.index(number, mall=row.mall_id, field="phone")
            row.phone_tail = house.vault.tail(number, mall=row.mall_id, field="phone")
    elif isinstance(row, Card) and row.number:
        row.number_index = house.vault.index(row.number, mall=row.mall_id, field="card")
        row.number_tail = house.vault.tail(row.number, mall=row.mall_id, field="card")
