"""The product table of a sample, in bulk: its tree of categories, its products, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import insert, select, update

from core import audit
from core.audit import Subject
from core.db import UnitOfWork
from core.models import Category, Product, ProductCategory

STEP = 2000
_COLUMNS = ("sku", "name", "brand", "price")


@dataclass(frozen=True, slots=True)
class Item:
    """One product of a sample; `levels` are its categories from the top, `price` is in minor units."""

    sku: str
    name: str
    levels: tuple[str, ...]
    brand: str = ""
    price: int = 0


def add_products(uow: UnitOfWork, *, mall_id: int, items: Iterable[Item]) -> int:
    """Add the products that the mall does not have yet; returns how many.

    By the thousand, past the trail's row for each: one row says that a catalogue was added.
    """
    have = set(uow.session.scalars(select(Product.sku).where(Product.mall_id == mall_id)))
    new = [item for item in items if item.sku not in have]
    if not new:
        return 0
    categories = _Categories(uow, mall_id)
    categories.make({item.levels for item in new})
    rest = iter(new)
    while step := list(islice(rest, STEP)):
        _add(uow, mall_id, items=step, categories=categories)
    audit.raise_stamps(uow.session, {Category.__stamp__})
    after = {"products": len(new), "categories": len(categories.known)}
    audit.record(uow, action="imported", subject=Subject("core_product", mall_id=mall_id), change=({}, after))
    return len(new)


def code_of(levels: Sequence[str]) -> str:
    """The code of a category: its path of names. A stroke inside a name is no level."""
    return "/".join(level.replace("/", "-") for level in levels)


class _Categories:
    """The categories of a mall by code. `path` holds the ids from the root, each with a stroke behind it."""

    def __init__(self, uow: UnitOfWork, mall_id: int) -> None:
        self._uow, self._mall_id = uow, mall_id
        rows = uow.session.execute(select(Category.code, Category.id, Category.path).where(Category.mall_id == mall_id))
        self.known = {code: (row_id, path) for code, row_id, path in rows}

    def make(self, wanted: Iterable[Sequence[str]]) -> None:
        """Make what is missing of these branches, level by level, since a child needs its parent's id."""
        branches = {tuple(levels[:depth]) for levels in wanted for depth in range(1, len(levels) + 1)}
        missing = {code_of(branch): branch for branch in sorted(branches) if code_of(branch) not in self.known}
        for depth in sorted({len(branch) for branch in missing.values()}):
            self._make_level([branch for branch in missing.values() if len(branch) == depth])

    def id_of(self, levels: Sequence[str]) -> int | None:
        """The id of a branch that was made; None for no level at all."""
        return self.known[code_of(levels)][0] if levels else None

    def _make_level(self, branches: list[tuple[str, ...]]) -> None:
        rows = [
            {
                "mall_id": self._mall_id,
                "parent_id": self.id_of(levels[:-1]),
                "code": code_of(levels),
                "name": levels[-1],
                "path": "",
            }
            for levels in branches
        ]
        if not rows:
            return
        returned = self._uow.session.execute(insert(Category).returning(Category.code, Category.id), rows)
        made = {code: row_id for code, row_id in returned}
        for levels in branches:
            above = self.known[code_of(levels[:-1])][1] if len(levels) > 1 else ""
            row_id = made[code_of(levels)]
            self.known[code_of(levels)] = (row_id, f"{above}{row_id}/")
        paths = [self.known[code_of(levels)] for levels in branches]
        self._uow.session.execute(update(Category), [{"id": row_id, "path": path} for row_id, path in paths])


def _add(uow: UnitOfWork, mall_id: int, *, items: list[Item], categories: _Categories) -> None:
    rows: list[dict[str, Any]] = [
        {"mall_id": mall_id, "created_at": uow.now} | {name: getattr(item, name) for name in _COLUMNS} for item in items
    ]
    made = uow.session.execute(insert(Product).returning(Product.sku, Product.id), rows)
    ids = {sku: row_id for sku, row_id in made}
    places = [(ids[item.sku], categories.id_of(item.levels)) for item in items]
    uow.session.execute(
        insert(ProductCategory),
        [{"mall_id": mall_id, "product_id": p, "category_id": c} for p, c in places if c is not None],
    )
