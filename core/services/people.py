"""Members and their cards. Phones and card numbers are sealed, found by blind index, and shown masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import phonenumbers
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core import events, vault
from core.db import UnitOfWork
from core.errors import Conflict, Invalid, NotFound
from core.i18n import _
from core.identify import national, phone_number
from core.ledger.write import constraint_of
from core.models import Card, Member
from core.services import cards
from core.services.places import day_of, mall_of, store_of, tidy_name

MEMBER_JOINED = "member.joined"
GENDERS = ("", "f", "m", "x")


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody says of themselves when they join; a name and a phone are enough.

    `joined_on` is given when they joined earlier, elsewhere (an import); otherwise it is today.
    """

    name: str
    phone: str
    email: str = ""
    address: str = ""
    gender: str = ""
    birthday: date | None = None
    consent_sms: bool = False
    consent_email: bool = False
    consent_phone: bool = False
    joined_on: date | None = None


def enrol_member(
    uow: UnitOfWork, *, mall_id: int, person: Person, store_id: int | None = None, source: str = "desk"
) -> Member:
    """Make somebody a member of the mall, with an electronic card; `store_id` becomes their home store.

    `Conflict` (`phone_taken`) when the phone belongs to a member, `Invalid` when it cannot be a phone.
    """
    mall = mall_of(uow, mall_id)
    if store_id is not None and store_of(uow, store_id).mall_id != mall_id:
        raise NotFound(_("There is no such store."))
    if person.gender not in GENDERS:
        raise Invalid(_("There is no such gender."), code="unknown_gender")
    joined_on = person.joined_on or day_of(uow, mall)
    if person.birthday is not None and person.birthday > joined_on:
        raise Invalid(_("The birthday lies in the future."), code="birthday_invalid")
    member = Member(
        mall_id=mall_id,
        home_store_id=store_id,
        name=tidy_name(person.name, 80),
        gender=person.gender,
        birthday=person.birthday,
        consent_sms=person.consent_sms,
        consent_email=person.consent_email,
        consent_phone=person.consent_phone,
        source=source,
        joined_on=joined_on,
        created_at=uow.now,
    )
    member.email, member.address = person.email, person.address
    _set_phone(uow, member, text=person.phone)
    uow.session.add(member)
    _flush(uow)
    issue_card(uow, member=member)
    events.emit(uow, topic=MEMBER_JOINED, mall_id=mall_id, store_id=store_id, subject_id=member.id)
    return member


def change_phone(uow: UnitOfWork, *, member: Member, phone: str) -> None:
    """Give a member another phone; the old one finds nobody from now on. Refuses as `enrol_member` does."""
    _set_phone(uow, member, text=phone)
    _flush(uow)


def issue_card(uow: UnitOfWork, *, member: Member, form: str = "electronic", kind: str = "retail") -> Card:
    """Give a member a card with a number of its own, active at once. `form` is 'electronic' or 'plastic'."""
    if form not in ("electronic", "plastic"):
        raise Invalid(_("A card is electronic or plastic."), code="unknown_card_form")
    number = _free_number(uow, member.mall_id)
    keys = vault.current()
    card = Card(
        mall_id=member.mall_id,
        uid=vault.new_uid(),
        member_id=member.id,
        number_index=keys.index(number, mall=member.mall_id, field="card"),
        number_tail=keys.tail(number, mall=member.mall_id, field="card"),
        number_masked=vault.mask_card(number),
        form=form,
        kind=kind,
        state="active",
        created_at=uow.now,
    )
    card.number = number
    uow.session.add(card)
    uow.session.flush()
    return card


def retire_card(uow: UnitOfWork, *, card: Card, lost: bool) -> None:
    """End a card because it is lost, or replaced by another: it never works again, but its number is still found."""
    card.state = "lost" if lost else "replaced"
    uow.session.flush()


def _set_phone(uow: UnitOfWork, member: Member, *, text: str) -> None:
    phone = phone_number(text)
    if not phonenumbers.is_valid_number(phonenumbers.parse(phone)):
        raise Invalid(_("This is not a telephone number."), code="bad_phone")
    keys = vault.current()
    owner = _owner_of(uow, phone, mall_id=member.mall_id)
    if owner is not None and owner != member.id:
        raise _taken()
    member.uid = member.uid or vault.new_uid()
    member.phone = phone
    member.phone_index = keys.index(phone, mall=member.mall_id, field="phone")
    member.phone_tail = keys.tail(phone, mall=member.mall_id, field="phone")
    member.phone_masked = vault.mask_phone(national(phone))


def _owner_of(uow: UnitOfWork, phone: str, *, mall_id: int) -> int | None:
    """The member of the mall with that phone, also under a key that was rotated since."""
    indexes = vault.current().indexes(phone, mall=mall_id, field="phone")
    with uow.session.no_autoflush:
        return uow.session.scalar(select(Member.id).where(Member.mall_id == mall_id, Member.phone_index.in_(indexes)))


def _free_number(uow: UnitOfWork, mall_id: int) -> str:
    keys = vault.current()
    while True:
        number = cards.new_number()
        indexes = keys.indexes(number, mall=mall_id, field="card")
        if uow.session.scalar(select(Card.id).where(Card.mall_id == mall_id, Card.number_index.in_(indexes))) is None:
            return number


def _flush(uow: UnitOfWork) -> None:
    try:
        uow.session.flush()
    except IntegrityError as error:
        # Two desks enrolled the same phone in the same moment.
        if "phone" in constraint_of(error):
            raise _taken() from error
        raise


def _taken() -> Conflict:
    return Conflict(_("This phone belongs to a member already."), code="phone_taken")
