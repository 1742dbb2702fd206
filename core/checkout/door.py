"""What a receipt must be before anybody decides about it: complete, possible, and adding up. All refusals are named."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NoReturn

from core import clock, identify
from core.errors import Invalid, Refused
from core.i18n import Text, _
from core.types import LIMIT, MallFacts, MemberRef, Receipt, StoreFacts, TillFacts

_QUANTITY = re.compile(r"\d{1,9}(\.\d{1,3})?", re.ASCII)


def check(receipt: Receipt, *, mall: MallFacts) -> None:
    """Refuse what cannot be a receipt of this mall; holds for every way in."""
    check_basket(receipt, mall=mall)
    _check_kind(receipt)
    adds_up = receipt.total == sum(line.amount for line in receipt.lines) + receipt.tax
    if receipt.quote is None and receipt.kind != "void" and not adds_up:
        _refuse("total_mismatch", _("The total is not the sum of the lines and the tax."))
    if receipt.tenders or receipt.kind != "void":
        check_tenders(receipt, due=receipt.total)


def check_basket(receipt: Receipt, *, mall: MallFacts) -> None:
    """What holds for a quote already: the currency, the amounts, the lines, the member's number."""
    if receipt.currency != mall.currency:
        _refuse("unknown_currency", _("This mall sells in %(currency)s.", currency=mall.currency))
    _check_amounts(receipt)
    _check_texts(receipt)
    check_member(receipt.member)
    if len({line.line for line in receipt.lines}) != len(receipt.lines):
        _refuse("duplicate_line", _("Two lines have the same number."))


def check_tenders(receipt: Receipt, *, due: int) -> None:
    """What was paid, less change, must be what was due (minor units)."""
    if sum(tender.amount for tender in receipt.tenders) - receipt.change != due:
        _refuse("tenders_mismatch", _("The payments less change do not add up to the total."))


def check_member(ref: MemberRef | None) -> None:
    """Refuse a number that cannot be a member's; whether there is such a member is another question."""
    if ref is None:
        return
    if ref.by == "phone":
        identify.phone_number(ref.value)
    elif ref.by == "id":
        if not (ref.value.isascii() and ref.value.isdigit() and len(ref.value) <= 16):
            _refuse("bad_member_id", _("This is not a member's number."))
    else:
        identify.card_number(ref.value)


def _check_texts(receipt: Receipt) -> None:
    """What the tables hold: SQLite would take any length, PostgreSQL would fail at the write."""
    texts = [(receipt.key.number, 60), (receipt.key.till, 30)]
    for line in receipt.lines:
        texts += [(line.sku, 60), (line.name, 200), (line.category or "", 200)]
        if not _QUANTITY.fullmatch(line.qty):
            _refuse("bad_quantity", _("A quantity is a text like 1.000, of at most 9 and 3 digits."))
    for tender in receipt.tenders:
        texts += [(tender.type, 20), (tender.ref or "", 120)]
    if any(len(text) > longest for text, longest in texts):
        _refuse("text_too_long", _("The text is too long."))
    if any("\0" in text for text, _longest in texts):
        _refuse("bad_text", _("The text holds characters that cannot be kept."))


def _check_amounts(receipt: Receipt) -> None:
    amounts = [receipt.total, receipt.tax, receipt.change]
    for tender in receipt.tenders:
        amounts += [tender.amount, tender.points or 0]
    for line in receipt.lines:
        amounts += [line.amount, line.unit_price, line.discount]
    if min(amounts) < 0:
        _refuse("negative_amount", _("Amounts are never negative; the kind of the receipt gives the direction."))
    if max(amounts) > LIMIT:
        _refuse("amount_out_of_range", _("An amount is too large."))


def _check_kind(receipt: Receipt) -> None:
    if receipt.kind == "sale" and receipt.original is not None:
        _refuse("unexpected_original", _("A sale has no original receipt."))
    if receipt.kind != "sale" and receipt.original is None:
        _refuse("original_missing", _("A return or void must name its original receipt."))
    if receipt.kind == "void" and receipt.lines:
        _refuse("void_has_lines", _("A void cancels the whole receipt and has no lines."))
    if receipt.kind != "void" and not receipt.lines:
        _refuse("no_lines", _("The receipt has no lines."))


def check_till(receipt: Receipt, *, till: TillFacts, mall: MallFacts, store: StoreFacts) -> None:
    """Refuse what a till may not send now: wrong till, closed store, a clock that is too far off."""
    if receipt.key.till != till.code:
        raise Refused(_("This key belongs to till %(till)s.", till=till.code), code="wrong_till")
    if not store.is_open:
        raise Refused(_("The store is closed."), code="store_closed")
    now = clock.now()
    if receipt.happened_at > now + timedelta(hours=till.max_future_hours):
        _refuse("clock_ahead", _("The receipt lies in the future. Please check the till's clock."))
    if receipt.happened_at < now - timedelta(days=till.max_past_days):
        _refuse("too_old", _("The receipt is older than %(days)s days.", days=till.max_past_days))
    if not _near(receipt.key.business_date, receipt.happened_at, zone=mall.zone):
        _refuse("business_date_off", _("The business date is not the day of the sale or the one before or after."))


def _near(business_date: date, happened_at: datetime, *, zone: str) -> bool:
    day = happened_at.astimezone(clock.zone(zone)).date()
    return abs((business_date - day).days) <= 1


def _refuse(code: str, sentence: Text) -> NoReturn:
    raise Invalid(sentence, code=code)
