"""Card numbers: random, so that nobody guesses a living one from another, with a check digit against slips. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from stdnum import luhn

PREFIX = "99"
"""No bank's cards begin so: ISO 7812 leaves 9 to national use."""
DIGITS = 16


def new_number(below: Callable[[int], int] = secrets.randbelow) -> str:
    """A number of 16 digits, the last by Luhn. `below(n)` draws from 0 to n - 1."""
    length = DIGITS - len(PREFIX) - 1
    body = f"{PREFIX}{below(10**length):0{length}d}"
    return body + str(luhn.calc_check_digit(body))
