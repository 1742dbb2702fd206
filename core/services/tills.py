"""Tills and their keys: a key is shown once, when it is made; only its keyed hash is kept, and it ends at once."""

from __future__ import annotations

import re
import secrets

from sqlalchemy import select

from core import vault
from core.db import UnitOfWork
from core.errors import Conflict, Invalid, NotFound, Refused
from core.i18n import _
from core.models import Till
from core.services.places import store_of

PREFIX = "till_"
"""Every key begins so, for people who find one in a file, and for programs that look for leaked keys."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}", re.ASCII)
_TAIL = 4


def create_till(uow: UnitOfWork, *, store_id: int, code: str, model: str = "") -> tuple[Till, str]:
    """Register a till in a store; answers the till and its key. `code` is what the till calls itself ("T01").

    A till that an import made on first sight gets its key here. `Conflict` with code till_exists for any other.
    """
    store = store_of(uow, store_id)
    if not _CODE.fullmatch(code):
        sentence = _("A till's code has up to 30 letters, digits, dots and hyphens.")
        raise Invalid(sentence, code="bad_till_code")
    if len(model) > 60:
        raise Invalid(_("The model's name is longer than 60 characters."), code="model_too_long")
    till = uow.session.scalar(select(Till).where(Till.store_id == store.id, Till.code == code))
    if till is None:
        till = Till(mall_id=store.mall_id, store_id=store.id, code=code, created_at=uow.now)
        uow.session.add(till)
    elif till.state != "imported":
        raise Conflict(_("The store has a till %(code)s already.", code=code), code="till_exists")
    till.model = model
    return till, _new_key(uow, till)


def import_till(uow: UnitOfWork, *, store_id: int, code: str) -> Till:
    """A till that stands in somebody's records: it has no key and cannot call in, until `create_till` gives it one."""
    store = store_of(uow, store_id)
    till = Till(mall_id=store.mall_id, store_id=store.id, code=code, state="imported", created_at=uow.now)
    uow.session.add(till)
    uow.session.flush()
    return till


def rotate_key(uow: UnitOfWork, *, till_id: int) -> tuple[Till, str]:
    """Give a till a new key; the old one ends at once. A revoked till works again with it."""
    till = till_of(uow, till_id)
    return till, _new_key(uow, till)


def revoke_till(uow: UnitOfWork, *, till_id: int) -> Till:
    """End a till's key at once, in every process. Its receipts stay; `rotate_key` lets it back."""
    till = till_of(uow, till_id)
    if till.state != "active":
        raise Refused(_("This till has no key."), code="till_not_active")
    till.state, till.revoked_at = "revoked", uow.now
    till.token_hash, till.token_tail = None, ""
    return till


def set_clock_skew(uow: UnitOfWork, *, till_id: int, max_future_hours: int, max_past_days: int) -> Till:
    """How far a receipt of this till may lie ahead (hours) or behind (days)."""
    if not (0 <= max_future_hours <= 24 * 7 and 0 <= max_past_days <= 3660):
        raise Invalid(_("At most 168 hours ahead and 3660 days back."), code="bad_clock_skew")
    till = till_of(uow, till_id)
    till.max_future_hours, till.max_past_days = max_future_hours, max_past_days
    return till


def till_of(uow: UnitOfWork, till_id: int) -> Till:
    """The till of that id, if it is in reach; `NotFound`."""
    till = uow.session.get(Till, till_id)
    if till is None:
        raise NotFound(_("There is no such till."))
    return till


def _new_key(uow: UnitOfWork, till: Till) -> str:
    key = PREFIX + secrets.token_urlsafe(32)
    till.token_hash, till.token_tail = vault.current().token_hash(key), key[-_TAIL:]
    till.state, till.revoked_at = "active", None
    uow.session.flush()
    return key
