"""How the numbers people are known by are brought to one form, before they are indexed, looked up or shown."""

from __future__ import annotations

import re

import phonenumbers

from core.errors import Invalid
from core.i18n import _

_MAINLAND_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_SEPARATORS = re.compile(r"[\s\-]+")


def phone_number(text: str, region: str = "CN") -> str:
    """A telephone number as E.164 ('+8613812341234'); raises `Invalid` with code `bad_phone`."""
    if _MAINLAND_MOBILE.fullmatch(text):
        return f"+86{text}"  # by far the commonest form, and the library takes a hundred times as long
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise Invalid(_("This is not a telephone number."), code="bad_phone") from error
    if not phonenumbers.is_possible_number(parsed):
        raise Invalid(_("This is not a telephone number."), code="bad_phone")
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def national(phone: str) -> str:
    """A stored number as people write it: mainland numbers without +86."""
    return phone.removeprefix("+86")


def card_number(text: str) -> str:
    """A card number, or what its QR code says, without spaces and hyphens."""
    number = _SEPARATORS.sub("", text).upper()
    if not number or len(number) > 40 or not number.isascii():
        raise Invalid(_("This is not a card number."), code="bad_card")
    return number
