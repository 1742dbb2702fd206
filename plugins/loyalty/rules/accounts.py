"""The ledger accounts of points. Points of a mall are one unit.

What the member has and what was spent, held or expired add up to what the stores issued. A debt stands beside that: it
notes points which came back but were not there any more, until later points repay them.
"""

from core import AccountRef


def unit_of(mall_id: int) -> str:
    """The unit in which the mall's points are booked."""
    return f"points:{mall_id}"


def points_of(member_id: int, mall_id: int) -> AccountRef:
    """What the member has. Never below zero."""
    return AccountRef("loyalty", "member", member_id, unit_of(mall_id))


def debt_of(member_id: int, mall_id: int) -> AccountRef:
    """What the member still has to give back. Never below zero, so that no debt is repaid twice."""
    return AccountRef("loyalty.debt", "member", member_id, unit_of(mall_id))


def owed_to(mall_id: int) -> AccountRef:
    """The other side of all debts."""
    return AccountRef("loyalty.owed", "mall", mall_id, unit_of(mall_id))


def issued_by(store_id: int, mall_id: int) -> AccountRef:
    """Where points come from: the store that gave them."""
    return AccountRef("loyalty.issued", "store", store_id, unit_of(mall_id))


def spent_at(store_id: int, mall_id: int) -> AccountRef:
    """Where points go that pay: the store that took them."""
    return AccountRef("loyalty.spent", "store", store_id, unit_of(mall_id))


def expired(mall_id: int) -> AccountRef:
    """Where points go that nobody used in time."""
    return AccountRef("loyalty.expired", "mall", mall_id, unit_of(mall_id))
