"""The one read trip of a batch: stamps, stored answers, members with balances, and the sales that returns name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from core import directory, identify, reading
from core.checkout.originals import read_originals
from core.directory import Directory
from core.house import House
from core.reading import Question, marks
from core.types import AccountRef, MemberFacts, MemberRef, Original, Receipt, ReceiptKey, TillFacts


@dataclass(frozen=True, slots=True)
class Arrival:
    """A receipt as it came in: `body` is its canonical JSON, `body_hash` the SHA-256 of that."""

    receipt: Receipt
    body: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """What was answered before under the same key. A parked one waits for its sale."""

    body_hash: bytes
    answer: str
    parked: bool = False
    receipt_id: int = 0


@dataclass
class Context:
    """All that the core knows before it asks the plugins."""

    known: Directory
    stamps: dict[str, int]
    stored: dict[tuple[str, date], Stored] = field(default_factory=dict)
    members: dict[tuple[str, Any], MemberFacts] = field(default_factory=dict)
    originals: dict[ReceiptKey, Original] = field(default_factory=dict)
    account_ids: dict[AccountRef, int] = field(default_factory=dict)
    balances: dict[AccountRef, int] = field(default_factory=dict)
    owed: dict[int, frozenset[str]] = field(default_factory=dict)
    """By sale, the plugins whose rewards for it are still to come."""

    @property
    def stamp_sum(self) -> int:
        """What the write compares: a stamp raised since means that the decision rests on old facts."""
        return sum(self.stamps.values())

    def member_of(self, ref: MemberRef | None) -> MemberFacts | None:
        """The member that the till named, if there is one."""
        return None if ref is None else self.members.get((ref.by, ref.value))


def gather(house: House, connection: Connection, *, till: TillFacts, receipts: Sequence[Receipt]) -> Context:
    """Read what the core needs for these receipts of one till; one round trip when there are no returns."""
    named = [receipt.original for receipt in receipts if receipt.original is not None]
    known = directory.remembered(house.database)
    originals, owed = read_originals(connection, known, till=till, keys=named) if named else ({}, {})
    asked = [
        *_member_questions(
            house, till, receipts=receipts, ids=[o.member_id for o in originals.values() if o.member_id]
        ),
        _stored_question("core_receipt", till, receipts=receipts),
        *([_stored_question("core_receipt_parked", till, receipts=receipts)] if named else []),
    ]
    stamps, *answers = reading.ask(connection, [directory.STAMPS, *(question for _kind, question in asked)])
    context = Context(known, {name: version for name, version in stamps}, originals=originals, owed=owed)
    context.known = directory.at(house.database, connection, stamps=context.stamps)
    refs = _wanted(house, till, receipts=receipts)
    for (kind, _question), rows in zip(asked, answers, strict=True):
        if kind in ("core_receipt", "core_receipt_parked"):
            _take_stored(context, rows, parked=kind == "core_receipt_parked")
        else:
            _take_members(context, kind, refs=refs.get(kind, {}), rows=rows)
    return context


def _stored_question(table: str, till: TillFacts, *, receipts: Sequence[Receipt]) -> tuple[str, Question]:
    numbers = sorted({receipt.key.number for receipt in receipts})
    open_ones = " and settled_at is null and refusal = ''" if table == "core_receipt_parked" else ""
    sql = (
        f"select number, business_date, body_hash, answer, id from {table}"  # noqa: S608
        f" where till_id = ? and number in ({marks(numbers)}){open_ones}"
    )
    return table, (sql, (till.id, *numbers))


def _take_stored(context: Context, rows: Iterable[Any], *, parked: bool) -> None:
    for number, business_date, body_hash, answer, receipt_id in rows:
        key = (number, as_date(business_date))
        if key not in context.stored:
            context.stored[key] = Stored(bytes(body_hash), answer, parked, receipt_id)


_MEMBER = (
    "select m.id, m.name, m.phone_masked, m.status, m.joined_on, {found},"
    " a.id, a.name, a.unit, a.balance, a.floor from core_member m {join}"
    " left join core_account a on a.owner_id = m.id and a.owner = 'member'"
    " where {where} in ({marks}){mall}"
)
# A blind index is keyed per mall, so that another mall's member has another; only ids need the mall asked for.
_BY = {
    "phone": {"found": "m.phone_index", "join": "", "where": "m.phone_index", "mall": ""},
    "card": {
        "found": "c.number_index",
        "join": "join core_card c on c.member_id = m.id and c.state = 'active'",
        "where": "c.number_index",
        "mall": "",
    },
    "id": {"found": "m.id", "join": "", "where": "m.id", "mall": " and m.mall_id = ?"},
}


def _wanted(house: House, till: TillFacts, *, receipts: Sequence[Receipt]) -> dict[str, dict[Any, set[MemberRef]]]:
    """The members named, by the way they are found and the values to find them under (several in a key rotation)."""
    wanted: dict[str, dict[Any, set[MemberRef]]] = {}
    for ref in {receipt.member for receipt in receipts if receipt.member is not None}:
        if ref.by == "phone":
            phone = identify.phone_number(ref.value)
            for key in house.vault.indexes(phone, mall=till.mall_id, field="phone"):
                wanted.setdefault("phone", {}).setdefault(key, set()).add(ref)
        elif ref.by == "id":
            wanted.setdefault("id", {}).setdefault(int(ref.value), set()).add(ref)
        else:
            number = identify.card_number(ref.value)
            for key in house.vault.indexes(number, mall=till.mall_id, field="card"):
                wanted.setdefault("card", {}).setdefault(key, set()).add(ref)
    return wanted


def _member_questions(
    house: House, till: TillFacts, *, receipts: Sequence[Receipt], ids: Iterable[int]
) -> list[tuple[str, Question]]:
    wanted = {kind: set(keys) for kind, keys in _wanted(house, till, receipts=receipts).items()}
    if more := set(ids):
        wanted.setdefault("id", set()).update(more)
    questions: list[tuple[str, Question]] = []
    for kind, keys in wanted.items():
        sql = _MEMBER.format(marks=marks(list(keys)), **_BY[kind])
        questions.append((kind, (sql, (*sorted(keys), *([till.mall_id] if kind == "id" else [])))))
    return questions


def _take_members(context: Context, kind: str, *, refs: dict[Any, set[MemberRef]], rows: Iterable[Any]) -> None:
    for member_id, name, phone, status, joined, found, account_id, account, unit, balance, floor in rows:
        facts = MemberFacts(member_id, name, phone, status, as_date(joined))
        context.members["id", member_id] = facts
        found = bytes(found) if kind != "id" else found
        for ref in refs.get(found, ()):
            context.members[ref.by, ref.value] = facts
        if account_id is not None and balance is not None:
            key = AccountRef(account, "member", member_id, unit, floor)
            context.account_ids[key], context.balances[key] = account_id, balance


def as_date(value: Any) -> date:
    """A date as either database gives it."""
    return value if isinstance(value, date) else date.fromisoformat(value)
