"""Reading a request's JSON strictly: what Python's reader lets through and money cannot bear is refused by name.

A float, NaN or a repeated key does not stop the reading: something unfit stands in its place, and whoever reads that
place refuses it with a pointer. So one bad receipt of a batch is refused alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from core.errors import Malformed
from core.i18n import _

BODY_LIMIT = 1_000_000
"""Bytes of a single request."""
BATCH_LIMIT = 8_000_000
"""Bytes of a batch."""
_READ_OFF, _CHUNK = 32_000_000, 64_000
_DIGITS = 18  # enough for any amount we take, and for int() to be quick


class TooLarge(Malformed):
    """The body has more bytes than this endpoint reads."""

    code, status, sentence = "body_too_large", 413, _("The request is too large.")


class WrongType(Malformed):
    """The body is not declared as JSON."""

    code, status, sentence = "wrong_content_type", 415, _("The request must be application/json in UTF-8.")


class NotJson(Malformed):
    """The body cannot be read as JSON."""

    code, sentence = "not_json", _("The request is not valid JSON.")


@dataclass(frozen=True, slots=True)
class Unfit:
    """Stands where the text had something that is not for us; `code` says what, `text` names it."""

    code: str
    text: str = ""


def read_json(limit: int = BODY_LIMIT) -> Any:
    """The request's body, of at most `limit` bytes, as a tree that may hold `Unfit`; read it with `Fields`.

    Raises `Malformed` with code body_too_large, wrong_content_type, digits_not_ascii or not_json.
    """
    if request.mimetype != "application/json":
        raise WrongType()
    request.max_content_length = limit
    try:
        sent = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        _read_off()
        raise TooLarge(limit=limit) from error
    if len(sent) > limit:
        raise TooLarge(limit=limit)
    return parse(sent)


def _read_off() -> None:
    """Take the rest of a body that is too large: a sender who is still sending would never see our answer."""
    for _chunk in range(_READ_OFF // _CHUNK):
        if not request.environ["wsgi.input"].read(_CHUNK):
            return


def parse(sent: bytes) -> Any:
    """Read JSON text in UTF-8; see `read_json`."""
    try:
        return _DECODER.decode(sent.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotJson(offset=error.start) from error
    except json.JSONDecodeError as error:
        found = error.doc[error.pos : error.pos + 1]
        if found.isdigit() and not found.isascii():
            raise NotJson(_("Numbers are written in the digits 0 to 9."), code="digits_not_ascii") from error
        raise NotJson(line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise NotJson(_("The request is nested too deeply.")) from error


def canonical(tree: Any) -> str:
    """The one way to write this tree: members in order, no spaces. Equal trees give equal texts."""
    return json.dumps(tree, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Unfit:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    names = [name for name, _value in pairs]
    return Unfit("duplicate_key", next(name for name in names if names.count(name) > 1))


def _integer(text: str) -> int | Unfit:
    if text == "-0":
        return Unfit("not_integer", text)
    return int(text) if len(text) <= _DIGITS else Unfit("out_of_range")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=lambda text: Unfit("not_integer", text),
    parse_constant=lambda text: Unfit("number_not_finite", text),
)
