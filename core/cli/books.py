"""`books`: the totals, and whether they add up."""

from __future__ import annotations

from core.cli.base import DONE, FAILED, Outcome, command, opened, working
from core.i18n import _
from core.services.books import totals as totals_of


@command("books", _("Totals of the whole database; fails when the books do not add up."))
def books() -> Outcome:
    """Tell the totals; exit code 1 when a unit does not add up to zero."""
    house = opened()
    with working(house, "totals of the books") as uow:
        totals = totals_of(uow, house.host)
    balanced = not any(totals["trial_balance"].values())
    lines = [f"{name:<20} {value:>16,}" for name, value in totals.items() if isinstance(value, int)]
    lines += [f"{'= ' + unit:<20} {amount:>16,}" for unit, amount in totals["trial_balance"].items()]
    if not balanced:
        lines.append(str(_("The books do not add up.")))
    return Outcome(totals, lines, DONE if balanced else FAILED)
