"""The doorbells of minimal: every hook that belongs to receipts, switches and books."""

from dataclasses import dataclass

from sqlalchemy import func, select

from core import (
    AccountRef,
    Add,
    AtLeast,
    Claim,
    Fill,
    Insert,
    Offer,
    Reason,
    Refused,
    Tell,
    Transfer,
    _,
    hookimpl,
    ledger,
)
from tests.samples.minimal.models import Budget, Note

_BUDGET = Budget.__table__.c


@dataclass(frozen=True)
class Own:
    budget: int | None
    spendable: int


def stamps_of(member):
    return AccountRef("minimal", "member", member.id, "stamps")


@hookimpl
def receipt_facts(visits, read):
    rows = read.rows(select(_BUDGET.id, _BUDGET.spendable).where(_BUDGET.mall_id == visits[0].mall.id))
    own = Own(*rows[0]) if rows else Own(None, 0)
    return {visit.receipt_id: own for visit in visits}


@hookimpl
def receipt_offers(facts):
    whole = sum(line.amount for line in facts.receipt.lines)
    amount = min(whole * facts.settings["percent"] // 100, facts.own.spendable)
    if not amount:
        return []
    used = {"id": Fill.NEW_ID, "mall_id": facts.mall.id, "receipt_id": Fill.RECEIPT_ID, "what": f"offer {amount}"}
    claim = Claim("minimal_budget", facts.own.budget, {"spendable": AtLeast(amount)}, {"spendable": Add(-amount)})
    reasons = (Reason(_("%(percent)s percent off", percent=facts.settings["percent"])),)
    title = _("A tenth off")
    return [Offer("tenth", title, amount, reasons=reasons, inserts=(Insert("minimal_note", used),), claims=(claim,))]


@hookimpl
def receipt_tenders(facts):
    for place, tender in enumerate(facts.receipt.tenders):
        if tender.type == "coupon":
            if tender.ref != "GOOD":
                raise Refused(code="coupon_unknown")
            pot = AccountRef("minimal.pot", "minimal", facts.mall.id, "CNY", floor=-1000)
            yield Transfer(
                "minimal.coupon",
                source=pot,
                target=AccountRef("minimal.redeemed", "store", facts.store.id, "CNY"),
                amount=tender.amount,
                key=str(place),
                tender=place,
            )


@hookimpl
def receipt_rewards(facts):
    if facts.member:
        given = AccountRef("minimal.given", "store", facts.store.id, "stamps")
        yield Transfer("minimal.stamp", given, stamps_of(facts.member), 1)


@hookimpl
def receipt_returned(facts):
    if facts.member and facts.receipt.kind == "void":
        given = AccountRef("minimal.given", "store", facts.store.id, "stamps")
        yield Transfer("minimal.unstamp", stamps_of(facts.member), given, 1)


@hookimpl
def receipt_member(facts):
    return [Tell("minimal", {"stamps": facts.balances.get(stamps_of(facts.member), 0)})] if facts.member else None


@hookimpl
def receipt_committed(receipt_id, uow):
    _note(uow, mall_id=1, receipt_id=receipt_id, what="committed")


@hookimpl
def event_recorded(event, uow):
    _note(uow, mall_id=event.mall_id, receipt_id=None, what=event.topic)


@hookimpl
def store_enabled(store, uow):
    if uow.session.scalar(select(Budget).filter_by(mall_id=store.mall_id)) is None:
        uow.session.add(Budget(mall_id=store.mall_id, spendable=1000))


@hookimpl
def store_disabled(store, uow):
    _note(uow, mall_id=store.mall_id, receipt_id=None, what=f"off in {store.code}")


@hookimpl
def store_left_behind(store, uow):
    spendable = uow.session.scalar(select(func.sum(Budget.spendable)).filter_by(mall_id=store.mall_id))
    return [_("%(amount)s left to give away", amount=spendable)] if spendable else []


@hookimpl
def books_totals(uow):
    return {"minimal_notes": uow.session.scalar(select(func.count()).select_from(Note))}


@hookimpl
def member_panels(member_id, uow):
    found = ledger.balance(uow, AccountRef("minimal", "member", member_id, "stamps"))
    return [{"title": _("Stamps"), "rows": [(_("Stamps"), found)], "order": 50}]


def _note(uow, **values):
    last = uow.session.scalar(select(func.coalesce(func.max(Note.id), 0)))
    uow.session.add(Note(id=last + 1, **values))
    uow.session.flush()
