"""Offers become prices: sorted, applied one after the other, shared out to the cent, never below zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.types import Line, Offer


@dataclass(frozen=True, slots=True)
class Applied:
    """An offer with what it took off, in total and per line (minor units). 0: it did not apply, `why` says so."""

    plugin: str
    offer: Offer
    amount: int
    by_line: tuple[tuple[int, int], ...] = ()


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` by `weights` with the largest remainder: the parts are integers and sum to `amount` exactly.

    Equal remainders go to the earlier part. With no weight at all, the first part takes everything.
    """
    total = sum(weights)
    if not weights or not total:
        return [amount, *[0] * (len(weights) - 1)] if weights else []
    parts = [amount * weight // total for weight in weights]
    rest = amount - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_remainder[:rest]:
        parts[i] += 1
    return parts


def apply(lines: Sequence[Line], offers: Sequence[tuple[str, Offer]]) -> tuple[tuple[Line, ...], tuple[Applied, ...]]:
    """The lines at their new amounts, and what each offer did, in the order (priority, plugin, id)."""
    left = {line.line: line.amount for line in lines}
    groups: set[str] = set()
    applied: list[Applied] = []
    for plugin, offer in sorted(offers, key=lambda pair: (pair[1].priority, pair[0], pair[1].id)):
        if offer.group and offer.group in groups:
            applied.append(Applied(plugin, offer, 0))
            continue
        on = [number for number in dict.fromkeys(offer.lines or left) if number in left]
        amount = min(offer.amount, sum(left[number] for number in on))
        parts = share(amount, [left[number] for number in on])
        for number, part in zip(on, parts, strict=True):
            left[number] -= part
        if amount and offer.group:
            groups.add(offer.group)
        applied.append(Applied(plugin, offer, amount, tuple(zip(on, parts, strict=True))))
    priced = tuple(
        replace(line, amount=left[line.line], discount=line.discount + line.amount - left[line.line]) for line in lines
    )
    return priced, tuple(applied)
