"""Products and their category tree."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, Moment, row_id, value_column
from core.scope import MallScoped


class Category(MallScoped, Model):
    """A node of the category tree, of any depth. `path` holds the ids from the root, so that a branch is a prefix."""

    __tablename__ = "core_category"
    __stamp__ = "products"
    __table_args__ = (
        UniqueConstraint("mall_id", "code", name="uq_core_category_code"),
        Index("ix_core_category_path", "path"),
    )

    id: Mapped[int] = row_id()
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("core_category.id"))
    code: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(120))
    path: Mapped[str] = mapped_column(String(200), default="")
    parent: Mapped[Category | None] = relationship(remote_side=[id], viewonly=True)

    def __str__(self) -> str:
        return self.name


class Product(MallScoped, Model):
    """A product of the mall's master data. `price` in minor units of the mall's currency."""

    __tablename__ = "core_product"
    __table_args__ = (UniqueConstraint("mall_id", "sku", name="uq_core_product_sku"),)

    id: Mapped[int] = row_id()
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    sku: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    brand: Mapped[str] = mapped_column(String(80), default="")
    origin: Mapped[str] = mapped_column(String(80), default="")
    price: Mapped[int] = value_column(default=0)
    on_shelf: Mapped[bool] = mapped_column(default=True)
    after_sales: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class Barcode(MallScoped, Model):
    """A barcode of a product; a product may have several."""

    __tablename__ = "core_barcode"
    __table_args__ = (UniqueConstraint("mall_id", "code", name="uq_core_barcode_code"),)

    id: Mapped[int] = row_id()
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("core_product.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    product: Mapped[Product] = relationship(viewonly=True)


class ProductCategory(MallScoped, Model):
    """A product stands in a category; it may stand in several."""

    __tablename__ = "core_product_category"
    __table_args__ = (UniqueConstraint("product_id", "category_id", name="uq_core_product_category"),)

    id: Mapped[int] = row_id()
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("core_product.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("core_category.id"), index=True)
    product: Mapped[Product] = relationship(viewonly=True)
    category: Mapped[Category] = relationship(viewonly=True)
