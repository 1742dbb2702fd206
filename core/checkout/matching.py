"""Which sold lines a return takes back. Beyond what was sold, it is refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from core.errors import Invalid, Refused
from core.i18n import _
from core.types import Line, Original, Receipt, Sold


def match(receipt: Receipt, original: Original) -> tuple[Line, ...]:
    """The returned lines, each with the `original_line` it takes back from; a void takes back all that is left.

    A line that names none is matched by sku, in the order sold, and spread over several sold lines where needed.
    """
    left = {sold.line.line: _Left(sold) for sold in original.lines}
    if receipt.kind == "void":
        return tuple(
            replace(entry.sold.line, line=number, original_line=number, amount=entry.amount, qty=str(entry.qty))
            for number, entry in left.items()
            if entry.amount or entry.qty
        )
    returning: list[Line] = []
    for line in receipt.lines:
        returning.extend(_take(line, left))
    return tuple(replace(line, line=number) for number, line in enumerate(returning, start=1))


class _Left:
    """What of a sold line has not come back yet."""

    def __init__(self, sold: Sold) -> None:
        self.sold = sold
        self.amount = sold.line.amount - sold.returned
        self.qty = Decimal(sold.line.qty) - Decimal(sold.returned_qty)


def _take(line: Line, left: dict[int, _Left]) -> list[Line]:
    if line.original_line is not None:
        if line.original_line not in left:
            raise Invalid(_("The original receipt has no line %(line)s.", line=line.original_line), code="unknown_line")
        candidates = [left[line.original_line]]
    else:
        candidates = [entry for entry in left.values() if entry.sold.line.sku == line.sku]
        exact = [e for e in candidates if (e.amount, e.qty) == (line.amount, Decimal(line.qty))]
        candidates = exact[:1] or candidates
    taken, amount, qty = [], line.amount, Decimal(line.qty)
    for entry in candidates:
        part, pieces = min(amount, entry.amount), min(qty, entry.qty)
        if not part and not pieces:
            continue
        taken.append(replace(line, amount=part, qty=str(pieces), original_line=entry.sold.line.line))
        entry.amount, entry.qty = entry.amount - part, entry.qty - pieces
        amount, qty = amount - part, qty - pieces
    if amount or qty > 0:
        raise Refused(_("More would come back of %(sku)s than was sold.", sku=line.sku), code="return_exceeds_sale")
    return taken
