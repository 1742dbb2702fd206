"""Where a user may work, and the sessions of the web pages. The users themselves are Flask-AppBuilder's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Id, Model, Moment, row_id


class Reach(Model):
    """A user works in a mall: in all of it (`store_id` 0) or in one store. No row, nothing to see."""

    __tablename__ = "core_reach"
    __stamp__ = "reach"
    __table_args__ = (UniqueConstraint("user_id", "mall_id", "store_id", name="uq_core_reach"),)

    id: Mapped[int] = row_id()
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    store_id: Mapped[int] = mapped_column(Id, default=0)


class WebSession(Model):
    """A signed-in browser. The cookie holds a random name of which only the hash is here; logging out deletes it."""

    __tablename__ = "core_session"
    __audited__ = False
    __table_args__ = (Index("ix_core_session_expires", "expires_at"),)

    id: Mapped[int] = row_id()
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[int | None] = mapped_column(Id)
    data: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    touched_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class Attempt(Model):
    """Failed sign-ins since a moment, for one name, one address, or the two together. Shared by all processes."""

    __tablename__ = "core_attempt"
    __audited__ = False

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    since: Mapped[datetime] = mapped_column(Moment)
    count: Mapped[int]
