"""A back office with people in it: one mall, two stores, a member at home in each, users of several roles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import select
from werkzeug.test import TestResponse

import app as atrium
from core import auth
from core.admin import sync_permissions
from core.models import Audit, ReceiptRow
from core.services import NewStore, Person, create_store, create_till, enrol_member
from tests.support.town import Town, build

PASSWORD = "correct horse battery"
PHONES = {"A": "17000000001", "B": "17000000002"}


@dataclass
class Browser:
    """One person's browser: keeps cookies, and sends back the token of the page it saw last."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        """Look at a page."""
        return self._seen(self.client.get(path, **more))

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form, with the token of the last page."""
        return self._seen(self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **more))

    def sign_in(self, username: str, password: str = PASSWORD) -> Browser:
        """Through the door."""
        self.get("/login/")
        self.post("/login/", {"username": username, "password": password})
        self.get("/")
        return self

    def _seen(self, answer: TestResponse) -> TestResponse:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)
        self.token = found[1] if found else self.token
        return answer


@dataclass
class Office:
    """The house, its web application, and what is in it. `stores`, `tills` and `members` are ids by letter."""

    town: Town
    app: Flask
    stores: dict[str, int] = field(default_factory=dict)
    tills: dict[str, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)

    def browser(self, username: str = "", *, language: str = "en") -> Browser:
        """A browser that asks for `language`; signed in when a user is named."""
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        fresh = Browser(client)
        return fresh.sign_in(username) if username else fresh

    def trail(self, **wanted: Any) -> list[Audit]:
        """Rows of the audit trail, the newest first."""
        with self.town.work() as uow:
            return list(uow.session.scalars(select(Audit).filter_by(**wanted).order_by(Audit.id.desc())))

    def find(self, model: Any, **wanted: Any) -> Any:
        """One row, or None."""
        with self.town.work() as uow:
            return uow.session.scalars(select(model).filter_by(**wanted)).first()

    def find_user(self, username: str) -> int:
        """The id of a user."""
        return int(self.find(User, username=username).id)

    def find_roles(self, username: str) -> list[Role]:
        """The roles of a user."""
        with self.town.work() as uow:
            return list(uow.session.scalars(select(Role).join(Role.user).where(User.username == username)))


def furnish(url: str, home: Path) -> Office:
    """Build the mall, its people and its web application in the database at `url`."""
    town = build(url, home)
    office = Office(town, atrium.build(town.house))
    sync_permissions(office.app)
    with town.work() as uow:
        for letter in "AB":
            store = create_store(uow, mall_id=town.mall_id, store=NewStore(f"Store {letter}", trade="sample"))
            till, _key = create_till(uow, store_id=store.id, code=f"T{letter}")
            person = Person(f"Sample {letter}", PHONES[letter])
            member = enrol_member(uow, mall_id=town.mall_id, person=person, store_id=store.id)
            office.stores[letter], office.tills[letter], office.members[letter] = store.id, till.id, member.id
        mall, here = (town.mall_id, 0), (town.mall_id, office.stores["A"])
        for name, role, place in (
            ("admin", "administrator", mall),
            ("boss", "general_manager", mall),
            ("care", "member_care", mall),
            ("manager", "store_manager", here),
            ("cashier", "cashier", here),
            ("nobody", "cashier", None),
        ):
            auth.create_user(uow, username=name, password=PASSWORD, roles=[role], reach=[place] if place else [])
    return office


def add_receipt(
    office: Office, store: str, *, member: str | None = None, number: str = "R1", total: int = 12_900
) -> int:
    """A booked receipt of a store; answers its id."""
    with office.town.work() as uow:
        last = uow.session.scalar(select(ReceiptRow.id).order_by(ReceiptRow.id.desc()).limit(1)) or 0
        uow.session.add(
            ReceiptRow(
                id=last + 1,
                mall_id=office.town.mall_id,
                store_id=office.stores[store],
                till_id=office.tills[store],
                till_code=f"T{store}",
                number=number,
                business_date=uow.now.date(),
                kind="sale",
                happened_at=uow.now - timedelta(minutes=1),
                recorded_at=uow.now,
                member_id=office.members[member] if member else None,
                currency="CNY",
                total=total,
                body_hash=b"0" * 32,
                answer="{}",
            )
        )
        return last + 1
