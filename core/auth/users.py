"""Users: who may sign in, with which roles, and where they work."""

from __future__ import annotations

from collections.abc import Iterable

from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import delete, func, select

from core import audit
from core.audit import Subject
from core.auth import passwords
from core.auth.roles import ADMINISTRATOR
from core.db import UnitOfWork
from core.errors import Conflict, Invalid, NotFound, Refused
from core.i18n import _
from core.models.user import Reach, WebSession

USERS = "ab_user"
Place = tuple[int, int]
"""A mall and a store in it; store 0 stands for all of the mall."""


def create_user(
    uow: UnitOfWork, *, username: str, password: str, roles: Iterable[str], reach: Iterable[Place] = ()
) -> User:
    """Add a user who can sign in at once. No role gives no rights, no reach gives nothing to see.

    Raises `Invalid` for a weak password, `Conflict` for a name that is taken, `NotFound` for an unknown role.
    """
    username = username.strip()
    if not 2 <= len(username) <= 60 or any(sign.isspace() for sign in username):
        raise Invalid(_("A user name has 2 to 60 characters and no spaces."), code="bad_username")
    passwords.check(password, username=username)
    if find(uow, username) is not None:
        raise Conflict(_("There is a user %(name)s already.", name=username), code="username_taken")
    user = User(username=username, first_name=username, last_name="", active=True)
    user.email = f"{username.lower()}@users.invalid"  # the table wants one, nothing is ever sent there
    user.password = passwords.stored(password)
    user.roles = roles_named(uow, roles)
    user.created_on = user.changed_on = uow.now.replace(tzinfo=None)
    uow.session.add(user)
    uow.session.flush()
    set_reach(uow, user_id=user.id, reach=reach)
    return user


def find(uow: UnitOfWork, username: str) -> User | None:
    """The user of that name, in capitals or not."""
    return uow.session.scalar(select(User).where(func.lower(User.username) == username.lower()))


def get(uow: UnitOfWork, user_id: int) -> User:
    """The user, or `NotFound`."""
    user = uow.session.get(User, user_id)
    if user is None:
        raise NotFound(record="user")
    return user


def roles_named(uow: UnitOfWork, names: Iterable[str]) -> list[Role]:
    """The roles of these names; `NotFound` names the first that is missing."""
    wanted = list(dict.fromkeys(names))
    found = {role.name: role for role in uow.session.scalars(select(Role).where(Role.name.in_(wanted)))}
    for name in wanted:
        if name not in found:
            raise NotFound(_("There is no role %(name)s.", name=name), code="role_not_found")
    return [found[name] for name in wanted]


def set_roles(uow: UnitOfWork, *, user_id: int, roles: Iterable[str]) -> None:
    """Give a user exactly these roles. The last active administrator keeps theirs."""
    user = get(uow, user_id)
    given = roles_named(uow, roles)
    if _is_last_administrator(uow, user) and ADMINISTRATOR not in [role.name for role in given]:
        raise Refused(_("The last administrator must stay one."), code="last_administrator")
    user.roles = given


def set_reach(uow: UnitOfWork, *, user_id: int, reach: Iterable[Place]) -> None:
    """Let a user work in exactly these places."""
    wanted = set(reach)
    kept = uow.session.scalars(select(Reach).where(Reach.user_id == user_id)).all()
    for row in kept:
        if (row.mall_id, row.store_id) not in wanted:
            uow.session.delete(row)
    for mall_id, store_id in sorted(wanted - {(row.mall_id, row.store_id) for row in kept}):
        uow.session.add(Reach(user_id=user_id, mall_id=mall_id, store_id=store_id))


def set_password(uow: UnitOfWork, *, user_id: int, password: str) -> None:
    """Give a user a new password; all their sessions end."""
    user = get(uow, user_id)
    passwords.check(password, username=user.username)
    user.password = passwords.stored(password)
    end_sessions(uow, user_id=user_id)


def set_active(uow: UnitOfWork, *, user_id: int, active: bool) -> None:
    """Let a user sign in, or bar them: then all their sessions end at once."""
    user = get(uow, user_id)
    if not active and _is_last_administrator(uow, user):
        raise Refused(_("The last administrator must stay one."), code="last_administrator")
    user.active = active
    if not active:
        end_sessions(uow, user_id=user_id)


def end_sessions(uow: UnitOfWork, *, user_id: int) -> None:
    """Sign a user out of every browser."""
    uow.session.execute(delete(WebSession).where(WebSession.user_id == user_id))
    audit.record(uow, action="signed_out", subject=Subject(USERS, user_id))


def _is_last_administrator(uow: UnitOfWork, user: User) -> bool:
    others = select(func.count()).select_from(User).join(User.roles)
    others = others.where(Role.name == ADMINISTRATOR, User.active.is_(True), User.id != user.id)
    mine = ADMINISTRATOR in [role.name for role in user.roles]
    return mine and bool(user.active) and not uow.session.scalar(others)
