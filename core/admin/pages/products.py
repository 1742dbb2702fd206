"""Products, their barcodes, and the tree of categories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import exists, select
from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional

from core.admin import formats
from core.admin.base import View
from core.admin.forms import MOST_CHOICES, fill, picks
from core.admin.interface import Interface, reader
from core.admin.panels import Panel, table
from core.db import UnitOfWork
from core.errors import Refused
from core.i18n import _
from core.models import Barcode, Category, Product, ProductCategory


def _categories() -> list[Category]:
    return list(reader().scalars(select(Category).order_by(Category.path, Category.name).limit(MOST_CHOICES)))


def _category_choices() -> list[tuple[str, str]]:
    return [(str(one.id), f"{one.code} {one.name}") for one in _categories()]


class ProductView(View):
    """The mall's product master."""

    route_base = "/products"
    class_permission_name = "core.product"
    datamodel = Interface(Product)
    list_title, add_title, edit_title = _("Products"), _("Add a product"), _("Change the product")
    list_columns = ("sku", "name", "brand", "price", "on_shelf")
    show_columns = ("sku", "name", "brand", "origin", "price", "on_shelf", "after_sales", "created_at")
    add_columns = ("sku", "name", "brand", "origin", "price", "on_shelf", "after_sales", "in_categories")
    edit_columns = ("name", "brand", "origin", "price", "on_shelf", "after_sales", "in_categories")
    search_columns = ("sku", "name", "brand", "on_shelf")
    order_columns = ("sku", "name", "brand", "price")
    base_order = ("sku", "asc")
    money = frozenset({"price"})
    label_columns = {
        "sku": _("SKU"),
        "name": _("Product"),
        "brand": _("Brand"),
        "origin": _("Origin"),
        "price": _("Price"),
        "on_shelf": _("On shelf"),
        "after_sales": _("After-sales terms"),
        "in_categories": _("Categories"),
    }
    form_fields = {
        "sku": StringField(_("SKU"), validators=[InputRequired(_("This is needed.")), Length(max=60)]),
        "in_categories": SelectMultipleField(
            _("Categories"), choices=picks(_category_choices), validators=[Optional()]
        ),
    }
    sentences = {
        "uq_core_product_sku": _("There is a product with this SKU already."),
        "core_product.sku": _("There is a product with this SKU already."),
    }
    empty = _("No product yet. Add the first one, or import a file.")

    def create(self, uow: UnitOfWork, form: Any) -> Any:
        """Make the product and put it into its categories."""
        product = Product(created_at=uow.now)
        self.place(product)
        fill(product, form, columns=[name for name in self.add_columns if name != "in_categories"])
        uow.session.add(product)
        uow.session.flush()
        _put_into(uow, product, wanted=form.in_categories.data)
        return product

    def change(self, uow: UnitOfWork, row: Any, *, form: Any) -> Any:
        """Change the product and its categories."""
        fill(row, form, columns=[name for name in self.edit_columns if name != "in_categories"])
        _put_into(uow, row, wanted=form.in_categories.data)
        return row

    def filled(self, form: Any, record: Any) -> None:
        """The form of a product begins with the categories it stands in."""
        form.in_categories.data = [str(one.category_id) for one in _places_of(record)]

    def remove(self, uow: UnitOfWork, row: Any) -> None:
        """With its barcodes and places; receipts keep their own words of what was sold."""
        for model in (Barcode, ProductCategory):
            for part in uow.session.scalars(select(model).where(model.product_id == row.id)):
                uow.session.delete(part)
        uow.session.flush()
        uow.session.delete(row)

    def panels(self, record: Any) -> Iterable[Panel]:
        """Where it stands, and its barcodes."""
        category = {"category": (_("Category"), formats.text)}
        yield table(_("Categories"), _places_of(record), columns=category)
        codes = reader().scalars(select(Barcode).where(Barcode.product_id == record.id).order_by(Barcode.code))
        yield table(_("Barcodes"), codes, columns={"code": (_("Barcode"), formats.link("BarcodeView", key="id"))})


class BarcodeView(View):
    """Barcodes of products; a product may have several."""

    route_base = "/barcodes"
    class_permission_name = "core.barcode"
    datamodel = Interface(Barcode)
    list_title, add_title, edit_title = _("Barcodes"), _("Add a barcode"), _("Change the barcode")
    list_columns = ("code", "product.sku", "product.name")
    show_columns = ("code", "product.sku", "product.name")
    add_columns = ("sku", "code")
    edit_columns = ("code",)
    search_columns = ("code",)
    order_columns = ("code",)
    base_order = ("code", "asc")
    label_columns = {
        "code": _("Barcode"),
        "sku": _("SKU"),
        "product.sku": _("SKU"),
        "product.name": _("Product"),
    }
    form_fields = {"sku": StringField(_("SKU"), validators=[InputRequired(_("This is needed.")), Length(max=60)])}
    sentences = {
        "uq_core_barcode_code": _("This barcode belongs to a product already."),
        "core_barcode.code": _("This barcode belongs to a product already."),
    }

    def create(self, uow: UnitOfWork, form: Any) -> Any:
        """Give the product of this SKU another barcode."""
        barcode = Barcode()
        self.place(barcode)
        mine = select(Product).where(Product.sku == form.sku.data.strip(), Product.mall_id == barcode.mall_id)
        product = uow.session.scalar(mine)
        if product is None:
            raise Refused(_("There is no product with this SKU."), code="sku_not_found")
        barcode.product_id, barcode.code = product.id, form.code.data
        uow.session.add(barcode)
        return barcode


class CategoryView(View):
    """The tree of categories, of any depth. Moving one moves its whole branch."""

    route_base = "/categories"
    class_permission_name = "core.category"
    datamodel = Interface(Category)
    list_title, add_title, edit_title = _("Categories"), _("Add a category"), _("Change the category")
    list_columns = ("name", "code", "parent.name")
    show_columns = ("name", "code", "parent.name")
    add_columns = ("code", "name", "parent_id")
    edit_columns = ("name", "parent_id")
    search_columns = ("name", "code", "parent_id")
    order_columns = ("name", "code", "path")
    base_order = ("path", "asc")
    rows = {"parent_id": _categories}
    label_columns = {
        "name": _("Category"),
        "parent_id": _("Under"),
        "parent.name": _("Under"),
        "path": _("Tree"),
    }
    sentences = {
        "uq_core_category_code": _("There is a category with this code already."),
        "core_category.code": _("There is a category with this code already."),
    }

    def create(self, uow: UnitOfWork, form: Any) -> Any:
        """Make the category under its parent."""
        category = Category(path="")
        self.place(category)
        fill(category, form, columns=self.add_columns)
        uow.session.add(category)
        uow.session.flush()
        category.path = _path(uow, category)
        return category

    def change(self, uow: UnitOfWork, row: Any, *, form: Any) -> Any:
        """Rename it, or move it with all that is under it."""
        before = row.path
        fill(row, form, columns=self.edit_columns)
        row.path = _path(uow, row)
        if row.path != before:
            for below in uow.session.scalars(select(Category).where(Category.path.startswith(before, autoescape=True))):
                if below.id != row.id:
                    below.path = row.path + below.path.removeprefix(before)
        return row

    def remove(self, uow: UnitOfWork, row: Any) -> None:
        """Only an empty one."""
        children = exists(select(Category.id).where(Category.parent_id == row.id))
        products = exists(select(ProductCategory.id).where(ProductCategory.category_id == row.id))
        if uow.session.scalar(select(children | products)):
            raise Refused(_("Other categories or products still stand in it."), code="category_in_use")
        uow.session.delete(row)

    def panels(self, record: Any) -> Iterable[Panel]:
        """What stands in it."""
        inside = select(ProductCategory).where(ProductCategory.category_id == record.id).limit(MOST_CHOICES)
        shown = formats.link("ProductView", key="product_id")
        yield table(_("Products"), reader().scalars(inside), columns={"product": (_("Product"), shown)})


def _places_of(product: Any) -> Any:
    return reader().scalars(select(ProductCategory).where(ProductCategory.product_id == product.id)).all()


def _put_into(uow: UnitOfWork, product: Any, *, wanted: Iterable[str]) -> None:
    """Exactly these categories."""
    have = uow.session.scalars(select(ProductCategory).where(ProductCategory.product_id == product.id)).all()
    ids = {int(one) for one in wanted}
    for place in have:
        if place.category_id not in ids:
            uow.session.delete(place)
    for category_id in sorted(ids - {place.category_id for place in have}):
        uow.session.add(ProductCategory(mall_id=product.mall_id, product_id=product.id, category_id=category_id))


def _path(uow: UnitOfWork, category: Any) -> str:
    """The ids from the root, each with a stroke behind it, so that a branch is a prefix."""
    if category.parent_id is None:
        return f"{category.id}/"
    parent = uow.session.get(Category, category.parent_id)
    if parent is None:
        raise Refused(_("There is no such category."), code="parent_not_found")
    if category.path and parent.path.startswith(category.path):
        raise Refused(_("A category cannot stand under itself."), code="category_loop")
    return f"{parent.path}{category.id}/"
