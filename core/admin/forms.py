"""Forms made from models: plain inputs, sentences of ours, amounts typed as people write them.

No widget needs a script. A money column is typed as `1,234.50` and kept as minor units; a column with few words is a
choice; a relation is a choice among the rows in reach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from babel.numbers import get_currency_precision
from flask_wtf import FlaskForm
from sqlalchemy import Boolean, Date, Integer, LargeBinary, String, Text, TypeDecorator, inspect
from sqlalchemy.types import BigInteger
from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from core.admin import formats
from core.i18n import Text as Sentence
from core.i18n import _
from core.types import LIMIT

MOST_CHOICES = 500
Labels = Mapping[str, Sentence]
_AMOUNT = re.compile(r"-?\d{1,15}(\.\d+)?", re.ASCII)


class Form(FlaskForm):
    """A form of ours; protected by its token like every POST."""


class MoneyField(StringField):
    """An amount in the mall's currency, kept as integer minor units. Never goes through a float."""

    def _digits(self) -> int:
        return int(get_currency_precision(formats.mall_of(None).currency))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        digits = self._digits()
        sign, amount = ("-" if self.data < 0 else ""), abs(int(self.data))
        whole, part = divmod(amount, 10**digits)
        return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        typed = (valuelist[0] if valuelist else "").replace(",", "").replace(" ", "").strip()
        self.data = None
        if not typed:
            return
        digits = self._digits()
        if not _AMOUNT.fullmatch(typed) or len(typed.partition(".")[2]) > digits:
            raise ValueError(str(_("Type an amount such as 1234.50.")))
        whole, _dot, part = typed.removeprefix("-").partition(".")
        amount = int(whole) * 10**digits + int(part.ljust(digits, "0") or 0)
        self.data = -amount if typed.startswith("-") else amount


class RowField(SelectField):
    """A choice among rows; its data is the row's id, None when left empty."""

    def __init__(self, label: Any = None, validators: Any = None, *, rows: Callable[[], Iterable[Any]], **kw: Any):
        super().__init__(label, validators, choices=picks(self._pairs), coerce=_id, **kw)
        self._rows = rows

    def _pairs(self) -> list[tuple[Any, Any]]:
        chosen = [(row.id, row) for row in self._rows()]
        return chosen if self.flags.required else [("", "—"), *chosen]


def _id(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


def picks(pairs: Callable[[], Iterable[tuple[Any, Any]]]) -> Callable[[], list[SelectChoice]]:
    """The choices of a field: value and word, asked for and put into the reader's language with each form."""
    return lambda: [SelectChoice(str(value), str(word)) for value, word in pairs()]


def make(view: Any, columns: Iterable[str]) -> type[Form]:
    """The form class of a view for these columns, in their order."""
    own: Mapping[str, Field] = view.form_fields
    fields = {name: own[name] if name in own else _field(view, name) for name in columns}
    return type("RecordForm", (Form,), fields)


def _field(view: Any, name: str) -> Field:
    column = inspect(view.datamodel.obj).columns[name]
    label, about = view.labels[name], view.helps.get(name, "")
    needed = not column.nullable and column.default is None
    rules = [InputRequired(_("This is needed."))] if needed else [Optional()]
    common: dict[str, Any] = {"label": label, "description": about, "validators": rules}
    if name in view.choices:
        return SelectField(choices=picks(view.choices[name].items), **common)
    if name in view.rows:
        return RowField(rows=view.rows[name], **common)
    if name in view.money:
        return MoneyField(**common)
    return _by_type(column, common)


def _by_type(column: Any, common: dict[str, Any]) -> Field:
    kind = column.type
    if isinstance(kind, LargeBinary | TypeDecorator):
        raise TypeError(f"{column} cannot be typed into a form")
    if isinstance(kind, Boolean):
        return BooleanField(common["label"], description=common["description"])
    if isinstance(kind, Date):
        return DateField(**common)
    if isinstance(kind, Integer | BigInteger):
        common["validators"].append(NumberRange(-LIMIT, LIMIT, _("This number is too large.")))
        return IntegerField(**common)
    if isinstance(kind, String):
        if kind.length:
            common["validators"].append(Length(max=kind.length, message=_("At most %(n)s characters.", n=kind.length)))
        field = TextAreaField if isinstance(kind, Text) else StringField
        return field(filters=[_stripped], **common)
    raise TypeError(f"no field for {column}")


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def fill(row: Any, form: Form, *, columns: Iterable[str]) -> None:
    """Set the row's columns from the form; an empty text stays empty, never None."""
    for name in columns:
        value = form[name].data
        column = inspect(type(row)).columns.get(name)
        if value is None and column is not None and not column.nullable:
            value = "" if isinstance(column.type, String) else column.default.arg if column.default else None
        setattr(row, name, value)


def refuse(form: Form, field: str, *, sentence: Sentence) -> None:
    """Hang a refusal of the service on the field it is about."""
    form[field].errors = [*form[field].errors, sentence]


__all__ = ["Form", "MoneyField", "RowField", "ValidationError", "fill", "make", "picks", "refuse"]
