"""Saying no to a machine: `application/problem+json` after RFC 9457, in the reader's language, with a stable code."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from flask import Response, request

from core import i18n
from core.errors import AtriumError
from core.i18n import Text

MIMETYPE = "application/problem+json"
TYPE = "urn:atrium:problem:"
KEPT_BACK = frozenset({"because", "record"})
"""Facts for the log, not for whoever asks."""

_STANDARD = frozenset({"type", "title", "status", "detail", "code", "instance"})


def language_of(header: str) -> str:
    """The first of our languages that an `Accept-Language` header asks for, by weight; Chinese when it names none."""
    asked: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")):
        tag, _, weight = part.partition(";")
        match = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", weight) if weight else None
        asked.append((-(float(match[1]) if match else 1.0), place, tag.strip().lower().replace("_", "-")))
    for ranked, _place, tag in sorted(asked):
        language = tag.partition("-")[0]
        if language in i18n.LANGUAGES and ranked < 0:
            return language
    return i18n.LANGUAGES[0]


def problem(error: AtriumError, *, locale: str, instance: str = "") -> dict[str, Any]:
    """The problem's members: the five of the RFC, `code`, and the refusal's own facts (`pointer`, `number` …)."""
    texts = (error.sentence.into(locale), error.text.into(locale))
    said = _members(error.reason_code, error.status, texts=texts)
    if instance:
        said["instance"] = instance
    facts = {name: _plain(value) for name, value in error.facts.items() if name not in KEPT_BACK | _STANDARD}
    return said | facts


def answer(error: AtriumError) -> Response:
    """The refusal as the answer to the request in hand."""
    locale = language_of(request.headers.get("Accept-Language", ""))
    return _response(problem(error, locale=locale, instance=request.path), locale)


def plain_answer(status: int, code: str, *, sentence: Text) -> Response:
    """A refusal of the web framework's (no such address, no such method) in the same form."""
    locale = language_of(request.headers.get("Accept-Language", ""))
    texts = (sentence.into(locale), sentence.into(locale))
    return _response(_members(code, status, texts=texts) | {"instance": request.path}, locale)


def _members(code: str, status: int, *, texts: tuple[str, str]) -> dict[str, Any]:
    """Title and detail are `texts`; the rest follows from the code."""
    title, detail = texts
    return {"type": TYPE + code, "title": title, "status": status, "detail": detail, "code": code}


def _response(said: dict[str, Any], locale: str) -> Response:
    response = Response(json.dumps(said, ensure_ascii=False), status=said["status"], mimetype=MIMETYPE)
    response.headers["Content-Language"] = locale
    if said["status"] == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="tills"'
    return response


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value
