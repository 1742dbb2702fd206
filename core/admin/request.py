"""What holds for one request of a person: language, rights, the place they work in, the rows they may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from babel import negotiate_locale
from flask import Flask, Response, current_app, g, has_request_context, request, session
from flask_login import current_user

from core import directory, reading, scope
from core.auth import Access, Place, access
from core.db import Actor, Database
from core.directory import Directory
from core.errors import Refused
from core.host import Host
from core.i18n import LANGUAGES, _, set_language
from core.scope import NOBODY, Scope
from core.types import StoreFacts

NOT_OURS = ("/api/", "/static/")
LANGUAGE, PLACE = "locale", "place"
_HTML = {"zh": "zh-CN", "en": "en"}


@dataclass(slots=True)
class Here:
    """The request's own facts. A guest's access is None and their scope is empty."""

    known: Directory
    language: str
    access: Access | None
    place: Place
    scope: Scope
    host: Host
    on: frozenset[str] | None = None

    @property
    def html_lang(self) -> str:
        """The language as browsers name it; without it Han characters may be drawn in a Japanese face."""
        return _HTML[self.language]

    @property
    def user_id(self) -> int | None:
        """The signed-in user."""
        return self.access.user_id if self.access is not None else None

    def stores(self) -> list[StoreFacts]:
        """The stores in reach and in the place chosen."""
        found = self.access.stores(self.known) if self.access is not None else []
        return [store for store in found if self.scope.has_store(store.mall_id, store.id)]

    def mall_id(self) -> int:
        """The mall to make things in; `Refused` until one is chosen."""
        if self.place.mall_id is None:
            raise Refused(_("Choose a mall first, at the top of the page."), code="no_mall_chosen")
        return self.place.mall_id

    def store_id(self) -> int:
        """The store to make things in; `Refused` until one is chosen."""
        if self.place.store_id is None:
            raise Refused(_("Choose a store first, at the top of the page."), code="no_store_chosen")
        return self.place.store_id

    def may(self, method: str, noun: str) -> bool:
        """Whether the signed-in user may do this."""
        return self.access is not None and (method, noun) in self.access.may

    def may_show(self, view: str) -> bool:
        """Whether the user may open records of the view of this name."""
        found = state().nouns.get(view)
        return found is not None and self.may("can_show", found)

    def enabled(self) -> frozenset[str]:
        """The plugins that are on where the user works: in the store chosen, else in any of those in reach."""
        if self.on is None:
            self.on = self._enabled()
        return self.on

    def _enabled(self) -> frozenset[str]:
        if self.place.store_id is not None:
            mall_id = self.known.stores[self.place.store_id].mall_id
            return self.host.enabled_in(mall_id, self.place.store_id, known=self.known)
        on = [
            self.host.enabled_in(mall_id, 0, known=self.known)
            for mall_id in self.scope.malls
            if self.scope.stores is None
        ]
        on += [self.host.enabled_in(store.mall_id, store.id, known=self.known) for store in self.stores()]
        return frozenset().union(*on)


@dataclass(slots=True)
class State:
    """What `build` leaves with the app: the database, the host, and which noun and plugin each view belongs to."""

    database: Database
    host: Host
    nouns: dict[str, str]
    plugins: dict[str, str]


def state() -> State:
    """The admin's own facts of the running app."""
    return cast(State, current_app.extensions["atrium"])


def here() -> Here:
    """The facts of this request."""
    return cast(Here, g.here)


def actor() -> Actor:
    """Who works, for the audit trail."""
    user = current_user
    if not user.is_authenticated:
        return Actor("user", "?", None, address())
    return Actor("user", user.username, user.id, address())


def address() -> str:
    """Where the request comes from, as the trusted proxy says."""
    return request.remote_addr or ""


def begin() -> None:
    """Before each request of ours: nothing is in reach until it is known who asks."""
    scope.enter(NOBODY)
    if request.path.startswith(NOT_OURS):
        return
    database = state().database
    with reading.reader(database) as connection:
        stamps = directory.read_stamps(connection)
        known = directory.at(database, connection, stamps=stamps)
    g.here = find(known, stamps)
    g.access = g.here.access
    set_language(g.here.language)
    scope.enter(g.here.scope)


def find(known: Directory, stamps: Mapping[str, int]) -> Here:
    """The facts of a request; the signed-in user is looked up here."""
    user_id = int(current_user.id) if current_user.is_authenticated else None
    found = access.of(state().database, user_id=user_id, stamps=stamps) if user_id is not None else None
    place = chosen(known, found)
    reach = found.scope(known, place) if found is not None else NOBODY
    return Here(known, language(), found, place, reach, state().host)


def chosen(known: Directory, found: Access | None) -> Place:
    """The place in the session, when the user still reaches it; one who reaches a single place is there."""
    if found is None:
        return Place()
    kept = session.get(PLACE) or (None, None)
    place = Place(*kept)
    if place == Place() or not found.has(place, known):
        place = only_place(known, found)
    if place.store_id is not None and place.mall_id is None:
        place = Place(known.stores[place.store_id].mall_id, place.store_id)
    return place


def only_place(known: Directory, found: Access) -> Place:
    """Where somebody is who has no choice."""
    malls = found.malls()
    if len(malls) != 1:
        return Place()
    (mall_id,) = malls
    stores = [store for store in found.stores(known) if store.mall_id == mall_id]
    if (mall_id, 0) not in found.reach and len(stores) == 1:
        return Place(mall_id, stores[0].id)
    return Place(mall_id)


def language() -> str:
    """The user's choice, else what the browser asks for, Chinese first when it asks for neither.

    Written with `_`, since `zh-Hans-CN` must find `zh`; Werkzeug's own matching would answer English to `zh-CN`.
    """
    if not has_request_context():
        return LANGUAGES[0]
    kept = session.get(LANGUAGE)
    if kept in LANGUAGES:
        return str(kept)
    wanted = [code.replace("-", "_") for code, _weight in request.accept_languages]
    return negotiate_locale(wanted, LANGUAGES) or LANGUAGES[0]


def close_session(response: Response) -> Response:
    """After each request: whatever was read or left undone, the session store must not wait for it."""
    current_app.extensions["appbuilder"].session.remove()
    return response


def forget(error: Any = None) -> None:
    """At the end: the thread may serve someone else next."""
    scope.enter(NOBODY)


def install(app: Flask) -> None:
    """Let every request pass through here."""
    app.before_request(begin)
    app.after_request(close_session)
    app.teardown_request(forget)
