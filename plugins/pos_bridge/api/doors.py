"""What holds for every endpoint that names a till."""

from __future__ import annotations

from core import Forbidden, House, TillFacts, _, api


def own_till(here: House, till: TillFacts, *, named: str, at: str = "") -> None:
    """A key opens for its own till only: `Forbidden` with code wrong_till, or unknown_till when there is none such.

    `at` is the JSON Pointer of the receipt that names the till.
    """
    if named == till.code:
        return
    place = f"{at}/till"
    if (till.store_id, named) in api.known_now(here).till_by_code:
        raise Forbidden(_("This key belongs to till %(till)s.", till=till.code), code="wrong_till", pointer=place)
    raise Forbidden(_("This store has no till %(till)s.", till=named), code="unknown_till", pointer=place)
