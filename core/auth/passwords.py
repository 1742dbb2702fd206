"""What is good enough for a password: long, and not one of those that everybody tries first."""

from __future__ import annotations

import secrets

from werkzeug.security import check_password_hash, generate_password_hash

from core.errors import Invalid
from core.i18n import _

SHORTEST = 12
LONGEST = 200  # hashing more helps nobody, and costs us

# The words that common passwords of any length are made of. Compared without what is hung on at the end.
_WORDS = """
000000 111111 112233 121212 123123 123321 123456 12345678 123456789 1234567890 12345678910 123456789012
123qwe 1q2w3e 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 5201314 654321 666666 7777777 888888 88888888 987654321 abc123
abcd abcdef access account admin administrator anhao asdf asdfgh asdfghjkl asdfghjkl; atrium baseball
changeme changethis default demo dragon football google hello iloveyou jordan letmein letmeinnow login
manager master member monkey mustang mypassword newpassword nihao passpass passw0rd password
passwordpassword p@ssw0rd p@ssword princess qazwsx qazwsxedc qqww1122 qwer qwert qwerty qwertyui qwertyuiop
root secret shadow shopping starwars sunshine superman system temp test test1234 trustno1 user wang welcome
welcomewelcome whatever woaini woaini1314 woaini520 zaq12wsx zxcvbn zxcvbnm
"""
_COMMON = frozenset(_WORDS.split())
_HUNG_ON = "0123456789!@#$%^&*()-_=+.,?~ "

# Checked when nobody has that name, so that the answer takes as long as for somebody.
NOBODYS = generate_password_hash("nobody has this password")


def check(password: str, *, username: str) -> None:
    """Refuse a password that is too short or too easy to guess, with `Invalid`."""
    if len(password) < SHORTEST:
        raise Invalid(_("A password has at least %(n)s characters.", n=SHORTEST), code="password_too_short")
    if len(password) > LONGEST:
        raise Invalid(_("A password has at most %(n)s characters.", n=LONGEST), code="password_too_long")
    lowered = password.lower()
    if {lowered, lowered.rstrip(_HUNG_ON), lowered.strip(_HUNG_ON)} & (_COMMON | {""}) or len(set(lowered)) < 5:
        raise Invalid(_("This password is among the first that are tried. Choose another."), code="password_common")
    if username and username.lower() in lowered and len(username) >= 4:
        raise Invalid(_("The password must not contain the user name."), code="password_has_name")


def random() -> str:
    """A password that nobody guesses: 120 random bits, for somebody to change."""
    return secrets.token_urlsafe(15)


def stored(password: str) -> str:
    """What is kept of a password: scrypt with a random salt."""
    return generate_password_hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one that was kept; takes as long when nothing was kept."""
    right = check_password_hash(kept or NOBODYS, password)
    return right and bool(kept) and bool(password)
