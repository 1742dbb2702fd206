"""Each hook does what it is told to: `MANNERS["receipt_rewards"] = raises`."""

import time
from datetime import date
from fractions import Fraction

from sqlalchemy import insert, text

from core import (
    SYSTEM,
    AccountRef,
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
    house,
    system_scope,
    unit_of_work,
)
from core.db import current
from tests.samples.rude.models import Thing

MANNERS: dict = {}
"""Hook → a function of what the hook was given; nothing there: it answers politely with nothing."""
CALLS: list = []
"""The hooks that were called, in order."""
KEPT: list = []


def _behave(hook, nothing, **given):
    CALLS.append(hook)
    return MANNERS[hook](**given) if hook in MANNERS else nothing


@hookimpl
def receipt_facts(visits, read):
    return _behave("receipt_facts", {}, visits=visits, read=read)


@hookimpl
def receipt_offers(facts):
    return _behave("receipt_offers", [], facts=facts)


@hookimpl
def receipt_tenders(facts):
    return _behave("receipt_tenders", [], facts=facts)


@hookimpl
def receipt_rewards(facts):
    return _behave("receipt_rewards", [], facts=facts)


@hookimpl
def receipt_returned(facts):
    return _behave("receipt_returned", [], facts=facts)


@hookimpl
def receipt_member(facts):
    return _behave("receipt_member", [], facts=facts)


# --- what it may be told to do ------------------------------------------------------------------------------------


def raises(**_given):
    raise ZeroDivisionError("rude")


def raises_when_read(**_given):
    yield from ()
    raise ZeroDivisionError("rude, but later")


def refuses(**_given):
    raise Refused(code="rude_refuses")


def is_slow(**_given):
    time.sleep(0.3)
    return []


def opens_a_session(**_given):
    with current().session() as session:
        session.execute(text("delete from core_member"))
    return []


def opens_a_unit_of_work(**_given):
    with system_scope("rude"), unit_of_work(house().database, actor=SYSTEM) as uow:
        uow.session.execute(text("delete from core_member"))
    return []


def takes_the_writer(**_given):
    with house().database.writer.begin() as connection:
        connection.execute(text("update core_account set balance = 1000000"))
    return []


def uses_a_kept_session(**_given):
    KEPT[0].execute(text("select 1"))
    return []


def writes_with_the_facts(read, visits):
    read.rows(insert(Thing).values(id=1, mall_id=1, amount=1, day=date(2026, 1, 1)))
    return {}


def writes_past_the_facts(read, visits):
    read._connection.execute(insert(Thing).values(id=1, mall_id=1, amount=1, day=date(2026, 1, 1)))
    return {}


def returns(rubbish):
    """A manner that answers with this."""
    return lambda **_given: rubbish


# --- rubbish ------------------------------------------------------------------------------------------------------

OWN = AccountRef("rude", "member", 1, "things")
STORE = AccountRef("rude.given", "store", 1, "things")


def transfer(**changes):
    """A good transfer, but for the changes."""
    good = {"kind": "rude.give", "source": STORE, "target": OWN, "amount": 1}
    return Transfer(**{**good, **changes})


def row(**changes):
    """A good row, but for the changes."""
    values = {"id": Fill.NEW_ID, "mall_id": 1, "amount": 1, "name": "", "day": date(2026, 1, 1), **changes}
    return transfer(inserts=(Insert("rude_thing", values),))


RUBBISH = {
    "a number": 7,
    "a text": "points",
    "a mapping": {"points": 7},
    "a list of texts": ["points"],
    "an offer": [Offer("x", _("X"), 1)],
    "nothing in a list": [None],
    "a float": [transfer(amount=1.5)],
    "true": [transfer(amount=True)],
    "zero": [transfer(amount=0)],
    "less than nothing": [transfer(amount=-5)],
    "too much": [transfer(amount=10**15 + 1)],
    "to itself": [transfer(source=OWN)],
    "two units": [transfer(target=AccountRef("rude", "member", 1, "other"))],
    "no account": [transfer(target="member:1")],
    "another's kind": [transfer(kind="loyalty.earn")],
    "no kind": [transfer(kind=None)],
    "a long kind": [transfer(kind="rude." + "x" * 60)],
    "a long rule": [transfer(rule="x" * 61)],
    "one kind twice": [transfer(), transfer()],
    "no reason": [transfer(reasons=("because",))],
    "a reason in fractions": [transfer(reasons=(Reason(_("%(x)s", x=Fraction(1, 3))),))],
    "another's table": [transfer(inserts=(Insert("loyalty_lot", {"id": 1}),))],
    "the core's table": [transfer(inserts=(Insert("core_account", {"id": 1}),))],
    "no such table": [transfer(inserts=(Insert("rude_nothing", {"id": 1}),))],
    "no such column": [row(colour="red")],
    "a long text in a row": [row(name="x" * 11)],
    "a fraction in a row": [row(amount=Fraction(1, 2))],
    "a number as text": [row(amount="many")],
    "a text as number": [row(name=7)],
    "a day as text": [row(day="2026-01-01")],
    "a huge number": [row(amount=2**63)],
    "a column left out": [transfer(inserts=(Insert("rude_thing", {"id": Fill.NEW_ID, "mall_id": 1, "amount": 1}),))],
    "a claim by name": [transfer(claims=(Claim("rude_thing", "x", {}, {"amount": 1}),))],  # type: ignore[arg-type]
    "a claim without changes": [transfer(claims=(Claim("rude_thing", 1, {"amount": AtLeast(1)}, {}),))],
    "a claim on another's row": [transfer(claims=(Claim("loyalty_lot", 1, {}, {"remaining": 0}),))],
    "two claims that disagree": [
        transfer(claims=(Claim("rude_thing", 1, {}, {"amount": 1}), Claim("rude_thing", 1, {}, {"amount": 2})))
    ],
    "the core's section": [Tell("status", {"x": 1})],
    "a section without lines": [Tell("print", {"x": 1})],
    "a section of objects": [Tell("rude", {"x": Fraction(1, 2)})],
    "a nameless section": [Tell(7, {})],  # type: ignore[arg-type]
}
"""What a hook may not return, by what is wrong with it."""

UNFIT = {
    "breaks a check": [row(amount=13)],
    "is beyond its bounds": [row(amount=10**15 + 1)],
    "is there twice": [transfer(inserts=row(id=7).inserts * 2)],
}
"""Rows that look well at the border and that the database refuses."""
