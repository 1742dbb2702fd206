"""Fill the books with receipts in bulk, and measure what one more costs."""

from __future__ import annotations

import hashlib
import resource
import statistics
import time
from datetime import UTC, datetime

from sqlalchemy import event, text

from bench.town import MEMBERS, Bench, phone_of
from core import checkout, directory, ids
from core.checkout import Arrival
from core.db import Database
from core.types import Line, MemberRef, Receipt, ReceiptKey, Tender

_FROM = "from generate_series(:low, :high) n"
_MADE = (
    "insert into core_receipt (id, mall_id, store_id, till_id, till_code, number, business_date, kind, happened_at,"
    " recorded_at, member_id, currency, total, tax, change_given, body_hash, answer)"
    " select :base + n, :mall, :store, :till, 'T01', 'm' || n, date '2026-01-01' + (n % 300)::int, 'sale', now(),"
    f" now(), 1 + n % :members, 'CNY', 9999, 0, 0, decode(md5(n::text), 'hex'), '{{}}' {_FROM}",
    "insert into core_receipt_line (receipt_id, no, sku, name, category, qty, unit_price, discount, amount)"
    f" select :base + n, k, 's' || k, 'Sample', '', '1.000', 3333, 0, 3333 {_FROM}, generate_series(1, 3) k",
    "insert into core_receipt_tender (receipt_id, no, type, amount, ref)"
    f" select :base + n, 1, 'cash', 9999, '' {_FROM}",
    "insert into core_entry (id, mall_id, store_id, kind, reference, receipt_id, happened_at, recorded_at,"
    " business_date, plugin, rule, reasons)"
    " select :base + n, :mall, :store, 'loyalty.earn', 'receipt:' || (:base + n), :base + n, now(), now(),"
    f" date '2026-01-01', 'loyalty', 'base@1', '[]' {_FROM}",
    "insert into core_account (id, mall_id, name, owner, owner_id, unit, floor, balance)"
    " select :base - n, :mall, 'loyalty', 'member', n, 'points:' || :mall, 0, 1000000"
    " from generate_series(1, :members) n on conflict do nothing",
    "insert into core_posting (entry_id, no, account_id, unit, amount)"
    " select :base + n, k, case k when 1 then 1 else :accounts - (1 + n % :members) end, 'points:' || :mall,"
    f" case k when 1 then -99 else 99 end {_FROM}, generate_series(1, 2) k",
    "insert into loyalty_lot (id, mall_id, member_id, entry_id, receipt_id, earned, remaining, available_on,"
    " expires_on, rules)"
    " select :base + n, :mall, 1 + n % :members, :base + n, :base + n, 99, 99, date '2026-01-01',"
    f" date '2027-01-01', 'base@1' {_FROM}",
    "insert into core_outbox (id, topic, mall_id, store_id, subject_id, payload, created_at, next_try_at, tries,"
    " claimed_by, done_at, error)"
    f" select :base + n, 'receipt.posted', :mall, :store, :base + n, '{{}}', now(), now(), 0, '', now(), '' {_FROM}",
)
"""What a year leaves behind, made by the database itself: receipts, lines, tenders, entries, postings, lots, outbox."""


def fill(bench: Bench, size: int) -> None:
    """Bring the books to `size` receipts with lines, entries, postings, lots and outbox rows; PostgreSQL only."""
    database = bench.house.database
    till = directory.get(database).till_by_code[bench.store_ids[0], "T01"]
    with database.writer.begin() as connection:
        have = connection.scalar(text("select count(*) from core_receipt")) or 0
        base = ids.draw(database, 1_200_000)[0] + 100_000
        accounts = connection.scalar(text("select max(id + owner_id) from core_account where name = 'loyalty'")) or base
        values = {"base": base, "accounts": accounts, "low": have + 1, "high": size, "members": MEMBERS}
        place = {"mall": bench.mall_id, "store": till.store_id, "till": till.id}
        for statement in _MADE:
            names = {name: value for name, value in {**values, **place}.items() if f":{name}" in statement}
            connection.execute(text(statement), names)
    with database.direct.connect() as connection:
        connection.exec_driver_sql("vacuum analyze")


def cost(bench: Bench, count: int = 400) -> dict[str, float]:
    """What one receipt of a known member costs now: processor time, statements, pages the server reads, wall time."""
    database = bench.house.database
    till = directory.get(database).till_by_code[bench.store_ids[0], "T01"]
    for n in range(50):
        checkout.take(bench.house, till, arrivals=[_arrival(f"warm{time.time_ns()}-{n}", n)])
    counted = _count_statements(database)
    pages, wall = _pages(database), []
    used = resource.getrusage(resource.RUSAGE_SELF)
    for n in range(count):
        started = time.perf_counter()
        (answer,) = checkout.take(bench.house, till, arrivals=[_arrival(f"c{time.time_ns()}-{n}", n * 37 % MEMBERS)])
        wall.append((time.perf_counter() - started) * 1000)
        assert not isinstance(answer, Exception), answer
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "core_ms": (after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime) * 1000 / count,
        "statements": counted[0] / count,
        "pages": (_pages(database) - pages) / count,
        "wall_ms": statistics.median(wall),
    }


def _arrival(number: str, member: int) -> Arrival:
    now = datetime.now(UTC)
    lines = tuple(Line(k, f"s{k}", "Sample", 3333) for k in (1, 2, 3))
    receipt = Receipt(
        ReceiptKey("T01", now.date(), number),
        now,
        "sale",
        "CNY",
        lines,
        (Tender("cash", 9999),),
        9999,
        member=MemberRef("phone", phone_of(member)),
    )
    return Arrival(receipt, "{}", hashlib.sha256(number.encode()).digest())


def _count_statements(database: Database) -> list[int]:
    """Counts what the driver is asked to do from now on, pipelined or not."""
    counted = [0]
    for engine in (database.facts, database.direct, database.writer):

        @event.listens_for(engine, "before_cursor_execute")
        def _one(*_args: object) -> None:
            counted[0] += 1

    return counted


def _pages(database: Database) -> int:
    with database.direct.connect() as connection:
        connection.exec_driver_sql("select pg_stat_force_next_flush()")
        time.sleep(1.5)
        query = "select sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read) from pg_statio_user_tables"
        return int(connection.exec_driver_sql(query).scalar() or 0)
