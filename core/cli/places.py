"""`stores list`, `stores create` and `tills create`."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import select

from core.cli.base import Outcome, command, find_mall, find_store, message, opened, option, working
from core.db import UnitOfWork
from core.i18n import _
from core.models import Mall, Store
from core.services import NewStore, create_mall, create_store, create_till

stores = click.Group("stores", help=str(_("The stores of a mall.")))
tills = click.Group("tills", help=str(_("The tills of a store.")))


@command("list", _("List the stores."), group=stores)
@option("--mall", "mall_code", help_text=_("Code of the mall; all malls without it."))
def list_stores(mall_code: str | None) -> Outcome:
    """Stores of one mall or of all, by code."""
    with working(opened(), "list of stores") as uow:
        query = select(Store, Mall).join(Mall, Mall.id == Store.mall_id).order_by(Mall.code, Store.code)
        if mall_code:
            query = query.where(Mall.id == find_mall(uow, mall_code).id)
        rows = [_shown(store, mall) for store, mall in uow.session.execute(query)]
    lines = [f"{row['mall']}  {row['code']}  {row['state']:<6}  {row['kind']:<7}  {row['name']}" for row in rows]
    return Outcome({"stores": rows}, [*lines, _("%(count)s stores", count=len(rows))])


@command("create", _("Open a store; the first one also opens the mall."), group=stores)
@option("--name", required=True, help_text=_("Name of the store."))
@option("--mall", "mall_code", help_text=_("Code of the mall, when there are several."))
@option("--kind", type=click.Choice(["direct", "partner"]), default="direct", help_text=_("Who runs the store."))
@option("--trade", default="", help_text=_("What it sells."))
@option("--floor", default="", help_text=_("Floor."))
def add_store(name: str, mall_code: str | None, **facts: str) -> Outcome:
    """Open a store; in a database without a mall, make that first."""
    with working(opened(), "new store") as uow:
        mall = find_mall(uow, mall_code) if mall_code or _has_mall(uow) else _first_mall(uow)
        store = create_store(uow, mall_id=mall.id, store=NewStore(name=name, **facts))
        row = _shown(store, mall)
    return Outcome(row, [_("Store %(code)s is open: %(name)s", code=row["code"], name=row["name"])])


@command("create", _("Register a till; prints its key once."), group=tills)
@option("--store", "store_code", required=True, help_text=_("Code of the store."))
@option("--till", "till_code", required=True, help_text=_("What the till calls itself, T01 for example."))
@option("--mall", "mall_code", help_text=_("Code of the mall, when there are several."))
def add_till(store_code: str, till_code: str, *, mall_code: str | None) -> Outcome:
    """Make a till and its key; the key is not kept and cannot be shown again."""
    with working(opened(), "new till") as uow:
        store = find_store(uow, store_code, mall_code=mall_code)
        till, token = create_till(uow, store_id=store.id, code=till_code)
        data = {"store": store.code, "till": till.code, "token": token}
    return Outcome(data, [_("Till %(till)s in %(store)s. Its key, shown only this once: %(token)s", **data)])


def _has_mall(uow: UnitOfWork) -> bool:
    return uow.session.scalar(select(Mall.id).limit(1)) is not None


def _first_mall(uow: UnitOfWork) -> Mall:
    mall = create_mall(uow, name=str(_("Our mall")))
    message(_("Mall %(code)s was made; its name can be changed on its screen.", code=mall.code))
    return mall


def _shown(store: Store, mall: Mall) -> dict[str, Any]:
    names = ("code", "name", "kind", "trade", "floor", "state")
    return {name: getattr(store, name) for name in names} | {"mall": mall.code}
