"""Finding a member by what they say: phone, card, last four, name; and a receipt by its number. Always by POST.

What was typed is in no address and in no log. Every look is in the audit trail. Whom one has found, one may open, also
when they are on none of one's lists: that is how a desk reaches a member of another store.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import permission_name
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core import audit, vault
from core.admin.base import Page
from core.admin.guard import allowed
from core.admin.interface import reader, work
from core.admin.request import here
from core.audit import Subject
from core.errors import Invalid
from core.i18n import _
from core.identify import card_number, phone_number
from core.models import Card, Member, ReceiptRow, Till

FOUND, KEPT = "found", 50
MOST = 20
"""More than these are not shown: whoever looks says more of whom they mean."""


class Lookup(Page):
    """The search box at the top of every page, and the page it answers with."""

    route_base = "/find"
    default_view = "index"
    class_permission_name = "core.member"

    @expose("/")
    @allowed
    @permission_name("find")
    def index(self) -> Any:
        """Ask whom one means."""
        return self.render("atrium/find.html", title=_("Find a member"), members=None, receipts=[])

    @expose("/", methods=["POST"])
    @allowed
    def find(self) -> Any:
        """Members and receipts that fit; a single member is opened at once."""
        typed = " ".join(request.form.get("q", "").split())[:80]
        if not typed:
            return redirect(url_for("Lookup.index"))
        members = members_like(reader(), here().scope.malls, typed=typed)
        receipts = receipts_numbered(reader(), typed) if here().may("can_list", "core.receipt") else []
        with work() as uow:
            for member in members:
                subject = Subject("core_member", member.id, member.mall_id)
                audit.record(uow, action="found", subject=subject)
        remember(member.id for member in members)
        if len(members) == 1 and not receipts and here().may_show("MemberView"):
            return redirect(url_for("MemberView.show", pk=members[0].id))
        return self.render("atrium/find.html", title=_("Find a member"), members=members, receipts=receipts)


def members_like(db: Session, malls: Iterable[int], *, typed: str) -> list[Member]:
    """The members of these malls whom the words fit exactly: phone, card number, last four digits, or name."""
    ways: list[ColumnElement[bool]] = [func.lower(Member.name) == typed.lower(), Member.name == typed]
    for mall_id in malls:
        ways += _by_number(mall_id, typed)
    query = select(Member).where(or_(*ways)).order_by(Member.name, Member.id).limit(MOST)
    return list(db.scalars(query))


def _by_number(mall_id: int, typed: str) -> list[ColumnElement[bool]]:
    keys = vault.current()
    ways: list[ColumnElement[bool]] = []
    digits = "".join(typed.split())
    if len(digits) == 4 and digits.isdecimal():
        tails = {field: keys.tails(digits, mall=mall_id, field=field) for field in ("phone", "card")}
        cards = select(Card.member_id).where(Card.mall_id == mall_id, Card.number_tail.in_(tails["card"]))
        return [Member.phone_tail.in_(tails["phone"]) & (Member.mall_id == mall_id), Member.id.in_(cards)]
    try:
        indexes = keys.indexes(phone_number(digits), mall=mall_id, field="phone")
        ways.append(Member.phone_index.in_(indexes) & (Member.mall_id == mall_id))
    except Invalid:
        pass  # no phone, then; it may be a card
    try:
        numbers = keys.indexes(card_number(typed), mall=mall_id, field="card")
        cards = select(Card.member_id).where(Card.mall_id == mall_id, Card.number_index.in_(numbers))
        ways.append(Member.id.in_(cards))
    except Invalid:
        pass
    return ways


def receipts_numbered(db: Session, typed: str) -> list[ReceiptRow]:
    """The newest receipts of that number in the stores in reach."""
    tills = select(Till.id)
    query = select(ReceiptRow).where(ReceiptRow.till_id.in_(tills), ReceiptRow.number == typed)
    return list(db.scalars(query.order_by(ReceiptRow.id.desc()).limit(MOST)))


def remember(member_ids: Iterable[int]) -> None:
    """Let this session open the pages of those it has found."""
    kept = [*member_ids, *session.get(FOUND, [])]
    session[FOUND] = list(dict.fromkeys(kept))[:KEPT]


def was_found(member_id: Any) -> bool:
    """Whether this session has found the member."""
    return member_id in session.get(FOUND, [])
