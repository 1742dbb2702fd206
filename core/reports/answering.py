"""Asking a report: within the reach of who asks, on a connection that cannot write, of one moment.

The core narrows stores and members, works out totals and balances, and never shows more rows than it has counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from sqlalchemy import or_, select

from core import clock, directory, scope
from core.db import Actor, Database, UnitOfWork
from core.directory import Directory
from core.errors import AtriumError, NotFound, Refused
from core.host import Host
from core.i18n import Text, _
from core.models import Checkpoint, Member, ReceiptRow
from core.reports import filters
from core.reports.catalogue import Found
from core.reports.describe import Asked, Column, Row, Statement, Table, Value
from core.scope import Scope
from core.types import MallFacts, StoreFacts

MOST_ROWS = 100_000
"""Nobody reads more, and a file of more is a matter for a job."""


class Ground(Protocol):
    """What a report is asked on: the house, or the running app's part of it."""

    @property
    def database(self) -> Database:
        """The database."""

    @property
    def host(self) -> Host:
        """The plugins."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: the actor, what they reach, and members they may see besides (looked up a moment ago)."""

    actor: Actor
    scope: Scope
    found: frozenset[int] = frozenset()

    @classmethod
    def everything(cls, actor: Actor) -> Reader:
        """Somebody at the machine itself, or a job: no store is out of reach."""
        return cls(actor, Scope(system=True, why="report"))


@dataclass(frozen=True, slots=True)
class Filled:
    """A table as answered. `totals` are rows at its foot, one for each currency; `first` and `last` the balances."""

    title: Text | None
    columns: tuple[Column, ...]
    rows: list[Row]
    totals: list[Row]
    first: Row | None = None
    last: Row | None = None
    empty: Text | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """The newest checkpoint of the books."""

    seq: int
    chain: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """A report's answer, not yet in any language."""

    found: Found
    asked: Asked
    tables: list[Filled]
    facts: list[tuple[Text, Value]]
    figures: list[tuple[Text, Value]] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    seal: Seal | None = None
    reachable: tuple[StoreFacts, ...] = ()
    """The stores that could have been asked about."""


def answer(ground: Ground, found: Found, *, reader: Reader, given: Mapping[str, str], mall_id: int) -> Answered:
    """Ask a report. `Invalid` for a filter that cannot be read, `NotFound` for what is not in reach, `Refused`
    (too_many_rows) for more than 100,000 rows, `AtriumError` (does_not_add_up) for a statement that does not."""
    known = directory.get(ground.database)
    mall = known.malls[mall_id]
    reach, stores = _reach(known, ground.host, plugin=found.plugin, reader=reader, mall=mall)
    today = clock.today(mall.zone)
    values = filters.read(found.report.filters, given, today=today, stores=stores)
    chosen = (values["store"],) if values.get("store") else tuple(stores)
    whole = reach.stores is None and not values.get("store")
    asked = Asked(mall, clock.now(), today, chosen, whole, values)
    with scope.scoped(reach), reading(ground.database, reader.actor) as uow:
        if "member" in values:
            asked = replace(asked, values={**values, "member": _member(uow, asked, reader=reader)})
        content = found.report.content(uow, asked)
        tables = [fill(table, mall) for table in content.tables]
        seal = _seal(uow) if isinstance(found.report, Statement) else None
        facts = [*_facts(found, asked), *content.facts]
        figures, notes = list(content.figures), list(content.notes)
        return Answered(found, asked, tables, facts, figures, notes, seal=seal, reachable=tuple(stores))


@contextmanager
def reading(database: Database, actor: Actor) -> Iterator[UnitOfWork]:
    """A unit of work that only reads: the database refuses every write, and shows one moment from first to last."""
    engine = database.facts
    if not database.is_sqlite:
        engine = database.reader.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    still = replace(database, reader=engine, writer=engine)
    with still.session() as session:
        yield UnitOfWork(still, session, actor, clock.now())


def _reach(
    known: Directory, host: Host, *, plugin: str, reader: Reader, mall: MallFacts
) -> tuple[Scope, list[StoreFacts]]:
    """What the reader reaches of the mall where the plugin is on, and the stores of it by code."""
    ours = [store for store in known.stores.values() if store.mall_id == mall.id]
    mine = [store for store in ours if reader.scope.has_store(store.mall_id, store.id)]
    on = [store for store in mine if plugin in host.enabled_in(mall.id, store.id, known=known)]
    everywhere = reader.scope.system or (mall.id in reader.scope.malls and reader.scope.stores is None)
    if not everywhere and not mine:
        raise NotFound(_("There is no report %(name)s.", name=plugin))
    whole = everywhere and len(on) == len(ours)
    stores = None if whole else frozenset(store.id for store in on)
    return Scope(frozenset({mall.id}), stores), sorted(on, key=lambda store: store.code)


def _member(uow: UnitOfWork, asked: Asked, *, reader: Reader) -> int | None:
    """The member asked for, or the last one who bought something; in reach by home store or visit, as on lists."""
    query = select(Member.id).where(Member.mall_id == asked.mall.id)
    if not asked.whole and not (reader.scope.system or reader.scope.stores is None):
        visits = select(ReceiptRow.member_id).where(ReceiptRow.store_id.in_(asked.store_ids))
        known = or_(Member.home_store_id.in_(asked.store_ids), Member.id.in_(visits), Member.id.in_(reader.found))
        query = query.where(known)
    wanted = asked.member_id
    if wanted is None:
        return _last_visitor(uow, asked) or uow.session.scalar(query.order_by(Member.id).limit(1))
    if uow.session.scalar(query.where(Member.id == wanted)) is None:
        raise NotFound(_("There is no such member."), code="member_not_found")
    return wanted


def _last_visitor(uow: UnitOfWork, asked: Asked) -> int | None:
    named = (ReceiptRow.mall_id == asked.mall.id, ReceiptRow.member_id.is_not(None))
    return uow.session.scalar(select(ReceiptRow.member_id).where(*named).order_by(ReceiptRow.id.desc()).limit(1))


def _facts(found: Found, asked: Asked) -> Iterable[tuple[Text, Value]]:
    for one in found.report.filters:
        if one.kind == "store":
            shown: Any = f"{asked.store.name} ({asked.store.code})" if asked.store else _("All stores")
            yield one.title, Value(shown)
        elif one.kind == "period":
            yield one.title, Value(asked.period.words())
        elif one.kind == "day":
            yield one.title, Value(asked.day, "date")


def _seal(uow: UnitOfWork) -> Seal | None:
    newest = uow.session.scalar(select(Checkpoint).order_by(Checkpoint.block.desc()).limit(1))
    return Seal(newest.last_seq, newest.chain, newest.sealed_at) if newest is not None else None


# --- tables -------------------------------------------------------------------------------------------------------


def fill(table: Table, mall: MallFacts) -> Filled:
    """Read the rows; add up what is added up; lead from the opening balance to the closing one."""
    rows = list(islice(table.rows, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        sentence = _("More than %(most)s rows. Choose a shorter period.", most=f"{MOST_ROWS:,}")
        raise Refused(sentence, code="too_many_rows")
    columns = tuple(table.columns)
    first = last = None
    if table.opening is not None:
        rows, closing = _balanced(table, rows)
        first = _line(table, _("Opening balance"), balance=table.opening)
        last = _line(table, _("Closing balance"), balance=closing)
    return Filled(table.title, columns, rows, totals(columns, rows, currency=mall.currency), first, last, table.empty)


def _balanced(table: Table, rows: list[Row]) -> tuple[list[Row], int]:
    balance, made = table.opening or 0, []
    for row in rows:
        balance += row[table.moves]
        made.append({**row, table.running: balance} if table.running else row)
    if table.closing is not None and table.closing != balance:
        sentence = _("This statement does not add up: %(made)s instead of %(kept)s.", made=balance, kept=table.closing)
        raise AtriumError(sentence, code="does_not_add_up")
    return made, balance


def _line(table: Table, word: Text, *, balance: int) -> Row:
    return {table.columns[0].name: word, (table.running or table.moves): balance}


def totals(columns: Iterable[Column], rows: list[Row], *, currency: str) -> list[Row]:
    """The sums of the columns that are added up: one row, or one for each currency where there are several."""
    summed = [column for column in columns if column.total]
    if not summed or not rows:
        return []
    made: dict[str, dict[str, Any]] = {}
    money = any(column.kind == "money" for column in summed)
    for row in rows:
        unit = row.get("currency", currency) if money else currency
        line = made.setdefault(unit, {"currency": unit, **{column.name: 0 for column in summed}})
        for column in summed:
            line[column.name] += row.get(column.name) or 0
    return [made[unit] for unit in sorted(made)]
