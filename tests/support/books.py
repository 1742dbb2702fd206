"""Malls, and books written by hand: rows as the ledger writes them, without its rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.engine import Connection

from core import db, scope
from core.db import Actor, Database, unit_of_work
from core.models import Account, Entry, Mall, Posting, ReceiptLine, ReceiptRow, ReceiptTender, Store, Unsealed
from core.seal.live import verify_live
from core.vault import Vault

NOON = datetime(2026, 11, 22, 4, 0, 0, 123456, tzinfo=UTC)
TESTS = Actor("command", "tests")


def make_mall(database: Database, *, stores: int = 1, code: str = "M1") -> tuple[int, list[int]]:
    """A mall with stores; returns its id and theirs. It has been there since 2020."""
    with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
        mall = Mall(code=code, name=f"Mall {code}", created_at=datetime(2020, 1, 1, tzinfo=UTC))
        uow.session.add(mall)
        uow.session.flush()
        rows = [Store(mall_id=mall.id, code=f"S{n}", name=f"Store {n}") for n in range(1, stores + 1)]
        uow.session.add_all(rows)
        uow.session.flush()
        return mall.id, [row.id for row in rows]


def book_receipt(connection: Connection, record_id: int, *, at: datetime = NOON) -> None:
    """A sale of two lines, paid in two ways, and its place in the sealer's queue."""
    own = {"id": record_id, "mall_id": 1, "store_id": 1, "till_id": 1, "till_code": "T01", "number": f"{record_id:06d}"}
    what = {"kind": "sale", "business_date": date(2026, 11, 22), "happened_at": at, "recorded_at": at}
    sums = {"currency": "CNY", "total": 12900, "tax": 0, "change_given": 0, "member_id": 7}
    _put(connection, ReceiptRow, {**own, **what, **sums, "body_hash": bytes(range(32)), "answer": '{"points":129}'})
    line = {"receipt_id": record_id, "category": "茶", "qty": "1.000", "unit_price": 6450, "discount": 0}
    _put(connection, ReceiptLine, *({**line, "no": n, "sku": f"K{n}", "name": "南京", "amount": 6450} for n in (1, 2)))
    tender = {"receipt_id": record_id, "ref": "x"}
    _put(connection, ReceiptTender, {**tender, "no": 1, "type": "cash", "amount": 12800, "points": None})
    _put(connection, ReceiptTender, {**tender, "no": 2, "type": "points", "amount": 100, "points": 1000})
    _put(connection, Unsealed, {"kind": "receipt", "id": record_id})


def book_entry(
    connection: Connection,
    record_id: int,
    *,
    postings: Sequence[tuple[int, int]],
    at: datetime = NOON,
    day: date = date(2026, 11, 22),
) -> None:
    """An entry with postings (account, amount) in points, and its place in the sealer's queue."""
    own = {"id": record_id, "mall_id": 1, "store_id": 1, "kind": "loyalty.earn", "reference": f"receipt:{record_id}"}
    what = {"happened_at": at, "recorded_at": at, "business_date": day, "plugin": "loyalty", "rule": "base:1"}
    _put(connection, Entry, {**own, **what, "receipt_id": record_id, "reasons": '[{"text":"1 point per 1.00"}]'})
    rows = [
        {"entry_id": record_id, "no": no, "account_id": account, "unit": "P1", "amount": amount}
        for no, (account, amount) in enumerate(postings, start=1)
    ]
    _put(connection, Posting, *rows)
    _put(connection, Unsealed, {"kind": "entry", "id": record_id})
    for account, amount in postings:
        kept = (Account.id == account, Account.balance.is_not(None))
        connection.execute(update(Account.__table__).where(*kept).values(balance=Account.balance + amount))


def make_account(
    connection: Connection, account_id: int, *, balance: int | None = None, name: str = "", owner_id: int = 0
) -> None:
    """An account in points, and its place in the sealer's queue; with a balance it is a member's, which keeps it."""
    owner = {"owner": "store" if balance is None else "member", "owner_id": owner_id or account_id}
    own = {"id": account_id, "mall_id": 1, "name": name or f"a{account_id}", **owner}
    _put(connection, Account, {**own, "unit": "P1", "floor": None, "balance": balance})
    _put(connection, Unsealed, {"kind": "account", "id": account_id})


def booked(url: str) -> Database:
    """Two accounts, 900 of a store and 901 of a member; three receipts, each with its entry."""
    database = Database.connect(url)
    with database.writer.begin() as connection:
        make_account(connection, 900)
        make_account(connection, 901, balance=0)
        for number in (10, 20, 30):
            book_receipt(connection, number)
            book_entry(connection, number + 1, postings=[(900, -129), (901, 129)])
    return database


def without_triggers(database: Database) -> None:
    """Let this database's books be changed, as somebody with all rights could."""
    with database.writer.begin() as connection:
        if database.is_sqlite:
            found = connection.exec_driver_sql("select name from sqlite_master where type = 'trigger'").scalars().all()
            statements = [f"drop trigger {name}" for name in found]
        else:
            sql = "select tgname, relname from pg_trigger t join pg_class c on c.oid = tgrelid where not tgisinternal"
            found = connection.exec_driver_sql(sql).all()
            statements = [f"drop trigger {name} on {table}" for name, table in found]
        for statement in statements:
            connection.exec_driver_sql(statement)


def check(database: Database, vault: Vault, **options: Any) -> dict[str, Any]:
    return verify_live(database, vault, seal_first=False, **options)


def named(result: dict[str, Any]) -> set[tuple[str, str, int]]:
    return {(problem["code"], problem.get("kind", ""), problem.get("id", 0)) for problem in result["problems"]}


def _put(connection: Connection, model: type[db.Model], *rows: dict[str, Any]) -> None:
    connection.execute(insert(model.__table__), list(rows))
