"""Signing in by name and password: counted per name and address, the same answer and time for every way to fail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import delete, func, select

from core import audit, clock, scope
from core.audit import Subject
from core.auth import passwords, users
from core.auth.users import USERS
from core.db import Actor, AtriumSession, Database, UnitOfWork, unit_of_work
from core.errors import AtriumError
from core.i18n import _
from core.models.user import Attempt
from core.upsert import upsert
from core.vault import current

WINDOW = timedelta(minutes=15)
MOST = (5, 30, 100)
"""Failures within the window before a name from an address, a name from anywhere, an address must wait."""


class TooManyAttempts(AtriumError):
    """Wait: too many passwords were wrong."""

    code, status = "too_many_attempts", 429
    sentence = _("Too many wrong passwords. Wait %(minutes)s minutes and try again.", minutes=15)


def sign_in(database: Database, *, username: str, password: str, address: str) -> int | None:
    """The id of the user whose name and password these are, or None. Raises `TooManyAttempts`.

    Every try, good or bad, is in the audit trail; what was typed as a name is not, since people type passwords there.
    """
    limits = _limits(username, address)
    with scope.system_scope("sign-in"):
        with database.session() as db:
            _refuse_too_many(db, limits)
            user = db.scalar(select(User).where(func.lower(User.username) == username.strip().lower()))
        known = user if user is not None and user.active else None
        right = passwords.matches(password, known.password if known else None)
        actor = Actor("user", known.username if known else "?", known.id if known else None, address)
        with unit_of_work(database, actor=actor) as uow:
            if known is not None and right:
                _welcome(uow, user_id=known.id, limits=limits)
                return int(known.id)
            _count(uow, limits)
            audit.record(uow, action="sign_in_failed", subject=Subject(USERS, known.id if known else ""))
            return None


def _welcome(uow: UnitOfWork, *, user_id: int, limits: Mapping[str, int]) -> None:
    user = users.get(uow, user_id)
    user.login_count = (user.login_count or 0) + 1
    user.fail_login_count = 0
    user.last_login = uow.now.replace(tzinfo=None)
    pair = next(iter(limits))
    uow.session.execute(delete(Attempt).where(Attempt.key == pair))
    audit.record(uow, action="signed_in", subject=Subject(USERS, user_id))


def _limits(username: str, address: str) -> dict[str, int]:
    """Key → how many failures it may have. Keyed hashes, so that the table tells nothing of what was typed."""
    name = username.strip().lower()[:200]
    keys = (f"pair|{name}|{address}", f"name|{name}", f"address|{address}")
    return {current().token_hash(key).hex(): most for key, most in zip(keys, MOST, strict=True)}


def _refuse_too_many(db: AtriumSession, limits: Mapping[str, int]) -> None:
    since = clock.now() - WINDOW
    for attempt in db.scalars(select(Attempt).where(Attempt.key.in_(limits), Attempt.since > since)):
        if attempt.count >= limits[attempt.key]:
            raise TooManyAttempts


def _count(uow: UnitOfWork, limits: Mapping[str, int]) -> None:
    uow.session.execute(delete(Attempt).where(Attempt.since <= uow.now - WINDOW))
    for key in sorted(limits):
        values = {"key": key, "since": uow.now, "count": 1}
        upsert(uow.session, Attempt, key="key", values=values, changes={"count": Attempt.count + 1})
