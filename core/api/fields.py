"""Reading typed, bounded members out of one JSON object. Every refusal has its code and a JSON Pointer to the place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NoReturn

from core.api.body import NotJson, Unfit
from core.errors import Invalid
from core.i18n import Text, _
from core.types import LIMIT

_SENTENCES: dict[str, Text] = {
    "amount_not_integer": _("Amounts are whole numbers of the smallest unit (fen, cents)."),
    "amount_out_of_range": _("An amount is too large."),
    "bad_date": _("A date is written like 2026-11-22."),
    "bad_text": _("The text holds characters that cannot be kept."),
    "bad_time": _("A time is written like 2026-11-22T14:03:11+08:00."),
    "digits_not_ascii": _("Numbers are written in the digits 0 to 9."),
    "duplicate_key": _("The same name stands twice in one object."),
    "missing_field": _("A required value is missing."),
    "negative_amount": _("Amounts are never negative; the kind of the receipt gives the direction."),
    "number_not_finite": _("NaN and Infinity are not numbers."),
    "number_not_integer": _("This is not a whole number."),
    "number_out_of_range": _("The number is too small or too large."),
    "text_empty": _("The text is empty."),
    "text_too_long": _("The text is too long."),
    "time_without_offset": _("The time does not say its offset from UTC."),
    "too_many": _("There are too many of these."),
    "unknown_field": _("There is no such field here."),
    "unknown_value": _("This is none of the values that are possible here."),
    "wrong_type": _("The value is of the wrong kind."),
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(?P<offset>Z|[+-]\d\d:\d\d)?", re.ASCII)
_CONTROLS = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
_YEARS = range(1970, 9000)  # far from where a conversion between zones overflows


def refuse(code: str, at: str, *, sentence: Text | None = None) -> NoReturn:
    """Refuse the value at the JSON Pointer `at`."""
    if code in ("duplicate_key", "number_not_finite"):
        raise NotJson(sentence or _SENTENCES[code], code=code, pointer=at)
    raise Invalid(sentence or _SENTENCES[code], code=code, pointer=at)


class Fields:
    """One JSON object. `at` is its JSON Pointer, `known` the members that may stand in it."""

    __slots__ = ("_values", "at")

    def __init__(self, values: Any, at: str = "", *, known: frozenset[str]) -> None:
        self.at = at
        if type(values) is not dict:
            _refuse_kind(values, at)
        self._values: dict[str, Any] = values
        if not values.keys() <= known:
            refuse("unknown_field", self.place(min(values.keys() - known)))

    def place(self, name: str) -> str:
        """The JSON Pointer of a member."""
        return _below(self.at, name)

    def has(self, name: str) -> bool:
        """Whether the member is there; null counts as absent."""
        return self._values.get(name) is not None

    def raw(self, name: str) -> Any:
        """The member as it came, or a refusal when it is absent."""
        value = self._values.get(name)
        if value is None:
            refuse("missing_field", self.place(name))
        return value

    def text(self, name: str, most: int, *, least: int = 1, free: bool = False) -> str:
        """A text of `least` to `most` characters; `free` text may hold line breaks, a code no control character."""
        value = self.raw(name)
        if type(value) is not str:
            _refuse_kind(value, self.place(name))
        if len(value) > most:
            refuse("text_too_long", self.place(name))
        if len(value) < least:
            refuse("text_empty", self.place(name))
        if (_UNKEEPABLE if free else _CONTROLS).search(value):
            refuse("bad_text", self.place(name))
        return str(value)

    def amount(self, name: str) -> int:
        """Money in minor units, or points: 0 to 10^15."""
        value = self.raw(name)
        if type(value) is not int:
            _refuse_number(value, self.place(name), kind="amount")
        if value < 0:
            refuse("negative_amount", self.place(name))
        if value > LIMIT:
            refuse("amount_out_of_range", self.place(name))
        return int(value)

    def integer(self, name: str, *, low: int, high: int) -> int:
        """A whole number within bounds, both included."""
        value = self.raw(name)
        if type(value) is not int:
            _refuse_number(value, self.place(name), kind="number")
        if not low <= value <= high:
            refuse("number_out_of_range", self.place(name))
        return int(value)

    def choice(self, name: str, choices: frozenset[str], *, code: str = "unknown_value") -> str:
        """One of the given words."""
        value = self.text(name, 40)
        if value not in choices:
            refuse(code, self.place(name), sentence=_SENTENCES["unknown_value"])
        return value

    def day(self, name: str) -> date:
        """A calendar date, YYYY-MM-DD."""
        value = self.text(name, 40)
        return _real(value, self.place(name)) if _DATE.fullmatch(value) else refuse("bad_date", self.place(name))

    def moment(self, name: str) -> datetime:
        """A time with its offset from UTC, after ISO 8601."""
        value, at = self.text(name, 40), self.place(name)
        match = _TIME.fullmatch(value)
        if match is None:
            refuse("bad_time", at)
        if match["offset"] is None:
            refuse("time_without_offset", at)
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            refuse("bad_time", at)
        return found if found.year in _YEARS else refuse("bad_time", at)

    def part(self, name: str, known: frozenset[str]) -> Fields:
        """The object in a member."""
        return Fields(self.raw(name), self.place(name), known=known)

    def items(self, name: str, most: int) -> Iterator[tuple[Any, str]]:
        """The elements of a list of at most `most`, each with its JSON Pointer."""
        values, at = self.raw(name), self.place(name)
        if type(values) is not list:
            _refuse_kind(values, at)
        if len(values) > most:
            refuse("too_many", at)
        return ((value, f"{at}/{number}") for number, value in enumerate(values))


def _below(at: str, name: str) -> str:
    # The name may be the sender's own: short and printable, whatever it was.
    return f"{at}/{_CONTROLS.sub('?', name[:60].replace('~', '~0').replace('/', '~1'))}"


def _real(value: str, at: str) -> date:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        refuse("bad_date", at)
    return found if found.year in _YEARS else refuse("bad_date", at)


def _refuse_number(value: Any, at: str, *, kind: str) -> NoReturn:
    if isinstance(value, Unfit) and value.code in ("not_integer", "out_of_range"):
        refuse(f"{kind}_{value.code}", at)
    if isinstance(value, str) and any(sign.isdigit() and not sign.isascii() for sign in value):
        refuse("digits_not_ascii", at)
    if isinstance(value, Unfit):
        _refuse_kind(value, at)
    refuse(f"{kind}_not_integer", at)


def _refuse_kind(value: Any, at: str) -> NoReturn:
    if isinstance(value, Unfit) and value.code == "duplicate_key":
        refuse("duplicate_key", _below(at, value.text))
    if isinstance(value, Unfit) and value.code == "number_not_finite":
        refuse("number_not_finite", at)
    refuse("wrong_type", at)
