"""Malls and stores: made with generated codes that are never given out twice, closed but never deleted."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date
from zoneinfo import ZoneInfoNotFoundError

from babel.numbers import is_currency

from core import clock, ids
from core.db import UnitOfWork
from core.errors import Invalid, NotFound, Refused
from core.i18n import LANGUAGES, _
from core.models import Mall, Store

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class NewStore:
    """What is said of a store when it opens. `kind` is 'direct' (run by the mall) or 'partner' (a tenant).

    A tenant also has a mode of co-operation and of settlement; `trade`, `floor` and `unit` say what and where.
    """

    name: str
    kind: str = "direct"
    trade: str = ""
    floor: str = ""
    unit: str = ""
    address: str = ""
    manager: str = ""
    phone: str = ""
    cooperation: str = ""
    settlement: str = ""


def create_mall(
    uow: UnitOfWork, *, name: str, currency: str = "CNY", zone: str = "Asia/Shanghai", locale: str = "zh"
) -> Mall:
    """Open a mall. `currency` is an ISO 4217 code, `zone` an IANA name; both hold for good. `Invalid` otherwise."""
    if not is_currency(currency):
        raise Invalid(_("There is no currency %(code)s.", code=currency), code="unknown_currency")
    if locale not in LANGUAGES:
        raise Invalid(_("There is no language %(code)s.", code=locale), code="unknown_language")
    try:
        clock.zone(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(_("There is no time zone %(name)s.", name=zone), code="unknown_zone") from None
    code = ids.next_code(uow, prefix="M", name="code:mall", width=3)
    mall = Mall(code=code, name=tidy_name(name, 120), currency=currency, zone=zone, locale=locale, created_at=uow.now)
    uow.session.add(mall)
    uow.session.flush()
    return mall


def create_store(uow: UnitOfWork, *, mall_id: int, store: NewStore, opened_on: date | None = None) -> Store:
    """Open a store of the mall today, or on the day given."""
    mall = mall_of(uow, mall_id)
    if store.kind not in ("direct", "partner"):
        raise Invalid(_("A store is run directly or by a partner."), code="unknown_store_kind")
    facts = asdict(store) | {"name": tidy_name(store.name, 120)}
    code = ids.next_code(uow, prefix="S", name=f"code:store:{mall_id}")
    row = Store(mall_id=mall_id, code=code, state="open", opened_on=opened_on or day_of(uow, mall), **facts)
    uow.session.add(row)
    uow.session.flush()
    return row


def close_store(uow: UnitOfWork, *, store_id: int) -> Store:
    """Close a store: its tills are refused from now on; its receipts and its code stay."""
    store = store_of(uow, store_id)
    if store.state == "closed":
        raise Refused(_("The store is closed."), code="store_closed")
    store.state, store.closed_on = "closed", day_of(uow, mall_of(uow, store.mall_id))
    return store


def reopen_store(uow: UnitOfWork, *, store_id: int) -> Store:
    """Open a closed store again."""
    store = store_of(uow, store_id)
    store.state, store.closed_on = "open", None
    return store


def mall_of(uow: UnitOfWork, mall_id: int) -> Mall:
    """The mall of that id; `NotFound`."""
    mall = uow.session.get(Mall, mall_id)
    if mall is None:
        raise NotFound(_("There is no such mall."))
    return mall


def store_of(uow: UnitOfWork, store_id: int) -> Store:
    """The store of that id, if it is in reach; `NotFound`."""
    store = uow.session.get(Store, store_id)
    if store is None:
        raise NotFound(_("There is no such store."))
    return store


def day_of(uow: UnitOfWork, mall: Mall) -> date:
    """Today's date on the mall's wall clock."""
    return uow.now.astimezone(clock.zone(mall.zone)).date()


def tidy_name(text: str, longest: int) -> str:
    """A name without blanks around it or twice in it; `Invalid` when nothing is left or it is too long."""
    name = _SPACES.sub(" ", text).strip()
    if not name:
        raise Invalid(_("A name is needed."), code="name_missing")
    if len(name) > longest:
        raise Invalid(_("The name is longer than %(longest)s characters.", longest=longest), code="name_too_long")
    return name
