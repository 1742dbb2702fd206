"""What may be shown of a personal text to someone who has no need of all of it."""

from __future__ import annotations

from collections.abc import Callable

STARS = "****"


def mask_phone(text: str) -> str:
    """`13812341234` → `138****1234`; a short number keeps less."""
    if len(text) >= 11:
        return text[:-8] + STARS + text[-4:]
    return _tail(text, shown=4 if len(text) >= 8 else 2)


def mask_name(text: str) -> str:
    """`欧阳娜娜` → `欧***`, `Anna Smith` → `A*** S***`: the first sign of each word."""
    if text.isascii():
        return " ".join(word[0] + "***" for word in text.split())
    return text[0] + "*" * (len(text) - 1) if len(text) > 1 else "*"


def mask_card(text: str) -> str:
    """`6222021234567890` → `****7890`: never the prefix, which helps a guesser."""
    return _tail(text, shown=4)


def mask_email(text: str) -> str:
    """`anna@example.org` → `a***@example.org`."""
    name, at, house = text.rpartition("@")
    return f"{name[0]}***@{house}" if name and at else STARS


def mask_document(text: str) -> str:
    """An 18-digit identity number keeps three and four signs, `310***********1234`; any other its last two."""
    if len(text) >= 15:
        return text[:3] + "*" * (len(text) - 7) + text[-4:]
    return _tail(text, shown=2)


def mask_plate(text: str) -> str:
    """`沪A12345` → `沪A***45`."""
    return f"{text[:2]}***{text[-2:]}" if len(text) >= 6 else STARS


def mask_address(text: str) -> str:
    """The first six signs (in Chinese: province and city), no street."""
    return text[:6] + STARS if len(text) > 6 else STARS


def _tail(text: str, *, shown: int) -> str:
    """Stars and the end of the text; only stars where the end would be half of it or more."""
    return STARS + text[-shown:] if len(text) > 2 * shown else STARS


_MASKS: dict[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "name": mask_name,
    "card": mask_card,
    "email": mask_email,
    "document": mask_document,
    "plate": mask_plate,
    "address": mask_address,
}


def mask(kind: str, text: str | None, *, clear: bool = False) -> str:
    """A personal text as it is shown: masked, or as it is when `clear`, which asks for a permission and an audit row.

    `kind` is phone, name, card, email, document, plate or address; of any other kind nothing is shown.
    """
    if not text:
        return ""
    if clear:
        return text
    masked = _MASKS.get(kind)
    return masked(text) if masked else STARS
