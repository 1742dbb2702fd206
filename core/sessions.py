"""Web sessions of our own: a row for each signed-in browser, nothing for the tills, no write for looking at a page.

A signed-in browser's cookie holds a random name; the row holds only its keyed hash, so that a stolen table opens
nothing, and signing out deletes the row, so that a copied cookie is worth nothing afterwards. A guest has no row: the
little that a sign-in page needs (its form's token, the language) is in a signed cookie. Every change of who is signed
in gives a new name.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionInterface, SessionMixin
from itsdangerous import BadSignature
from sqlalchemy import delete, insert, select, update
from typing_extensions import override

from core import clock, scope
from core.db import AtriumSession, Database
from core.models.user import WebSession
from core.vault import Vault

NONE_UNDER = ("/api/", "/static/")
USER = "_user_id"  # where Flask-Login keeps the user
TOUCH = timedelta(minutes=1)
_NOT_KEPT = ("page_history",)  # Flask-AppBuilder's list of pages seen: a write for each view, and nobody reads it


class Session(SecureCookieSession):
    """What a browser's session holds, with the row behind it: `token` and `row` are None for a guest."""

    def __init__(self, values: dict[str, Any] | None = None, *, token: str | None = None, row: Any = None) -> None:
        super().__init__(values)
        self.token = token
        self.row = row
        self.stored = dict(values or {})
        self.renew = False

    @property
    def user_id(self) -> int | None:
        """The signed-in user."""
        return int(self[USER]) if USER in self else None

    def kept(self) -> dict[str, Any]:
        """What is worth storing."""
        return {key: value for key, value in self.items() if key not in _NOT_KEPT}

    def rotate(self) -> None:
        """Give the session a new name with this response; the old one is worth nothing from then on."""
        self.renew = True


class Silent(SecureCookieSession):
    """The session of a request that has none: empty, and never stored."""


class WebSessions(SessionInterface):
    """Flask's door to `core_session`.

    Cookies are `__Host-` ones (HTTPS only, this host only) unless `ATRIUM_PLAIN_HTTP` is set, which the start-up
    check allows on the loop-back address only. Idle sessions end after `SESSION_IDLE` minutes, all after
    `SESSION_HOURS`.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._guests = SecureCookieSessionInterface()

    @override
    def open_session(self, app: Flask, request: Request) -> SessionMixin:
        """The session that the request's cookie names; a guest's when it names none, an empty one under `/api/`."""
        if request.path.startswith(NONE_UNDER):
            return Silent()
        token = request.cookies.get(self._name(app))
        row = self._find(app, token) if token else None
        if row is not None:
            return Session(json.loads(row.data), token=token, row=row)
        return Session(self._guest(app, request))

    @override
    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Store what changed, and nothing else."""
        if not isinstance(session, Session):
            return
        if session.accessed:
            response.vary.add("Cookie")
        if session.user_id is not None:
            self._save_user(app, session, response=response)
        else:
            self._save_guest(app, session, response=response)

    def forget_user(self, user_id: int, *, but: str | None = None) -> None:
        """End all sessions of a user, after a new password or when they are barred; `but` is a token to spare."""
        query = delete(WebSession).where(WebSession.user_id == user_id)
        if but is not None:
            query = query.where(WebSession.token_hash.not_in(self._vault.token_hashes(but)))
        with self._write() as db:
            db.execute(query)

    # --- signed in --------------------------------------------------------------------------------------------------

    def _find(self, app: Flask, token: str) -> Any:
        """The living row of a token."""
        hashes = self._vault.token_hashes(token)
        wanted = (WebSession.id, WebSession.data, WebSession.user_id, WebSession.created_at, WebSession.touched_at)
        with self._read() as db:
            row = db.execute(select(*wanted, WebSession.expires_at).where(WebSession.token_hash.in_(hashes))).first()
        alive = row is not None and clock.now() < min(row.expires_at, row.created_at + self._longest(app))
        return row if alive else None

    def _save_user(self, app: Flask, session: Session, *, response: Response) -> None:
        same_user = session.row is not None and session.row.user_id == session.user_id
        if not same_user or session.renew:
            self._begin(app, session, response=response)
            return
        now, row, kept = clock.now(), session.row, session.kept()
        changes: dict[str, Any] = {"data": json.dumps(kept)} if kept != session.stored else {}
        if changes or now - row.touched_at >= TOUCH:
            changes |= {"touched_at": now, "expires_at": now + self._idle(app)}
            with self._write() as db:
                db.execute(update(WebSession).where(WebSession.id == row.id).values(changes))

    def _begin(self, app: Flask, session: Session, *, response: Response) -> None:
        """A new row under a new name; the row before it goes, and so do those that have expired."""
        now, token = clock.now(), secrets.token_urlsafe(32)
        # A new name for the same person is no longer life.
        since = session.row.created_at if session.renew and session.row is not None else now
        row = {
            "token_hash": self._vault.token_hash(token),
            "user_id": session.user_id,
            "data": json.dumps(session.kept()),
            "created_at": since,
            "touched_at": now,
            "expires_at": now + self._idle(app),
        }
        with self._write() as db:
            db.execute(delete(WebSession).where(WebSession.expires_at < now))
            if session.row is not None:
                db.execute(delete(WebSession).where(WebSession.id == session.row.id))
            db.execute(insert(WebSession), [row])
        self._set(app, response, name=self._name(app), value=token)
        response.delete_cookie(self._name(app, guest=True), **self._flags(app))

    # --- guests -----------------------------------------------------------------------------------------------------

    def _guest(self, app: Flask, request: Request) -> dict[str, Any]:
        text = request.cookies.get(self._name(app, guest=True))
        signer = self._guests.get_signing_serializer(app)
        if not text or signer is None:
            return {}
        try:
            found: dict[str, Any] = signer.loads(text, max_age=int(self._longest(app).total_seconds()))
        except BadSignature:
            return {}
        return {key: value for key, value in found.items() if not key.startswith("_user")}

    def _save_guest(self, app: Flask, session: Session, *, response: Response) -> None:
        if session.row is not None:
            with self._write() as db:
                db.execute(delete(WebSession).where(WebSession.id == session.row.id))
        if session.token is not None:
            response.delete_cookie(self._name(app), **self._flags(app))
        kept = session.kept()
        signer = self._guests.get_signing_serializer(app)
        if kept != session.stored and signer is not None:
            self._set(app, response, name=self._name(app, guest=True), value=str(signer.dumps(kept)))

    # --- cookies, database ------------------------------------------------------------------------------------------

    def _name(self, app: Flask, *, guest: bool = False) -> str:
        prefix = "" if app.config.get("ATRIUM_PLAIN_HTTP") else "__Host-"
        return f"{prefix}atrium-guest" if guest else f"{prefix}atrium"

    def _flags(self, app: Flask) -> dict[str, Any]:
        secure = not app.config.get("ATRIUM_PLAIN_HTTP")
        return {"path": "/", "secure": secure, "httponly": True, "samesite": "Lax"}

    def _set(self, app: Flask, response: Response, *, name: str, value: str) -> None:
        response.set_cookie(name, value, **self._flags(app))
        response.vary.add("Cookie")

    def _idle(self, app: Flask) -> timedelta:
        return timedelta(minutes=int(app.config.get("SESSION_IDLE", 60)))

    def _longest(self, app: Flask) -> timedelta:
        return timedelta(hours=int(app.config.get("SESSION_HOURS", 12)))

    def _read(self) -> AtriumSession:
        return self._database.session()

    @contextmanager
    def _write(self) -> Iterator[AtriumSession]:
        """A short transaction of its own: a session is stored whatever becomes of the page's work."""
        with scope.system_scope("web sessions"), self._database.session() as db:
            db.info["writing"] = True
            yield db
            db.commit()
