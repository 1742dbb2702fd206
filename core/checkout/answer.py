"""What the till is told: built once, stored as text, returned byte for byte ever after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.checkout.decide import Decision
from core.i18n import Text, _
from core.types import MemberFacts
from core.vault import mask


def build(decision: Decision) -> dict[str, Any]:
    """The answer of DESIGN §6; sections that no plugin speaks for are there, empty."""
    visit, locale = decision.visit, decision.visit.mall.locale
    answer: dict[str, Any] = {
        "receipt_id": visit.receipt_id,
        "status": "posted",
        "rewards": "pending" if decision.pending else "posted",
        "member": _member(visit.member),
        "offers": [
            {
                "id": item.offer.id,
                "plugin": item.plugin,
                "title": item.offer.title.into(locale),
                "amount": item.amount,
                "lines": [{"line": number, "amount": part} for number, part in item.by_line],
                "reasons": [reason.text.into(locale) for reason in item.offer.reasons],
            }
            for item in decision.offers
        ],
        "points": {"earned": 0, "spent": 0, "usable": 0, "balance": 0, "explain": []},
        "gift_cards": [],
        "print": [],
    }
    merge(answer, decision, locale=locale)
    if visit.receipt.member is not None and visit.member is None:
        answer["print"].append(_("No such member: no points were given.").into(locale))
    return answer


def merge(answer: dict[str, Any], decision: Decision, *, locale: str) -> None:
    """Put what the plugins tell into its section: lists grow, values are set."""
    for tell in decision.tells:
        section = answer.get(tell.section)
        values = _words(tell.values, locale)
        if section is None and tell.section in answer:
            continue  # about a member that is not there
        if isinstance(section, list):
            section.extend(values["lines"])
        elif isinstance(section, dict):
            for name, value in values.items():
                grows = isinstance(value, list) and isinstance(section.get(name), list)
                section[name] = [*section[name], *value] if grows else value
        else:
            answer[tell.section] = dict(values)


def _member(member: MemberFacts | None) -> dict[str, Any] | None:
    if member is None:
        return None
    return {"id": member.id, "name": mask("name", member.name), "phone": member.masked_phone, "status": member.status}


def _words(value: Any, locale: str) -> Any:
    if isinstance(value, Text):
        return value.into(locale)
    if isinstance(value, Mapping):
        return {key: _words(item, locale) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_words(item, locale) for item in value]
    return value


def text_of(answer: Mapping[str, Any]) -> str:
    """The stored form."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
