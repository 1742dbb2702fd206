"""The till behind a request: the key in its `Authorization` header, and the reach that comes with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g, request

from core import directory
from core.db import Actor
from core.directory import Directory
from core.errors import Unauthorized
from core.house import House, house
from core.scope import Scope, scoped
from core.types import TillFacts

_LONGEST = 200


def known_now(here: House) -> Directory:
    """The directory as of this request: asked for once."""
    if "directory" not in g:
        g.directory = directory.get(here.database)
    found: Directory = g.directory
    return found


def find_till(here: House) -> TillFacts | None:
    """The active till whose key came with this request, as of now; None without a key or with an unknown one."""
    if "till" not in g:
        g.till = _look_up(here)
    found: TillFacts | None = g.till
    return found


def till() -> TillFacts:
    """The till whose key came with this request; raises `Unauthorized` when there is none."""
    found = find_till(house())
    if found is None:
        raise Unauthorized()
    return found


@contextmanager
def within(found: TillFacts) -> Iterator[Actor]:
    """Work with the reach of this till: its own store. Gives the actor for the unit of work."""
    with scoped(Scope(malls=frozenset({found.mall_id}), stores=frozenset({found.store_id}))):
        yield Actor("till", found.code, found.id, request.remote_addr or "")


def _look_up(here: House) -> TillFacts | None:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not 0 < len(token) <= _LONGEST:
        return None
    known = known_now(here)
    for stored_as in here.vault.token_hashes(token):  # several while a key is being rotated
        if stored_as in known.till_by_token:
            return known.till_by_token[stored_as]
    return None
