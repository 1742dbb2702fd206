"""The audit trail and the stamps: what every write leaves behind, in the same transaction as the write itself.

`install` hooks two steps into each flush of a database. One writes an `Audit` row for every row that is added, changed
or deleted; the other raises the stamp of every kind of row that processes remember. A model opts out of the trail with
`__audited__ = False`; its column is masked there with `info={"personal": kind}`, because the trail is never erased.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, inspect
from sqlalchemy import types as columns
from sqlalchemy.event import contains, listen
from sqlalchemy.orm import ColumnProperty, RelationshipDirection, RelationshipProperty, Session

from core import clock, scope
from core.db import SYSTEM, Actor, AtriumSession, Database, UnitOfWork
from core.models.audit import Audit
from core.models.setting import Stamp
from core.upsert import upsert
from core.vault import mask

HIDDEN = "•••"
"""Stands in the trail for sealed columns, passwords and keys: that they changed, never to what."""

_SECRET_NAMES = ("password", "token", "secret", "hash")
_NOISE = frozenset({"login_count", "fail_login_count", "last_login", "changed_on", "created_on"})
_ACCESS = "access"  # users, roles and their permissions, which are Flask-AppBuilder's tables

Change = dict[str, Any]


def install(database: Database) -> None:
    """Let every flush on `database` write its audit rows and raise its stamps. Calling it twice changes nothing."""
    for step in (_collect, _raise_stamps):
        if step not in database.before_flush:
            database.before_flush.append(step)
    if not contains(AtriumSession, "after_flush", _write):
        listen(AtriumSession, "after_flush", _write)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a row of the trail is about: a table's name or a noun, a key, and the mall and the store it belongs to."""

    record: str
    id: object = ""
    mall_id: int | None = None
    store_id: int | None = None

    @classmethod
    def of(cls, row: Any) -> Subject:
        """A row of ours."""
        mall_id, store_id = _place(row)
        return cls(row.__tablename__, _identity(row), mall_id, store_id or None)


Values = Mapping[str, Any]


def record(
    uow: UnitOfWork, *, action: str, subject: Subject, change: tuple[Values, Values] = ({}, {}), reason: str = ""
) -> None:
    """Add one row to the trail for something that is not the change of a row: a look, a sign-in, an export.

    `change` is what was before and what is after; neither may hold what is sealed elsewhere.
    """
    line = _line(uow.session, action, subject=subject) | {"before": _text(change[0]), "after": _text(change[1])}
    uow.session.add(Audit(**line | ({"reason": reason[:200]} if reason else {})))


# --- one row for each change --------------------------------------------------------------------------------------


def _collect(session: Session) -> None:
    """Before the flush, while the old values are still known. Overwrites what a failed flush left."""
    changes: list[tuple[Any, str, Change, Change]] = [(row, "added", {}, {}) for row in session.new if _audited(row)]
    for row in session.dirty:
        if _audited(row) and (differences := _differences(row)):
            old, new = differences
            changes.append((row, "changed", old, new))
    changes += [(row, "deleted", _values(row), {}) for row in session.deleted if _audited(row)]
    session.info["changes"] = changes


def _write(session: Session, _context: object) -> None:
    """After the flush, when new rows have their ids."""
    rows = []
    for row, action, old, new in session.info.pop("changes", ()):
        new = _values(row) if action == "added" else new  # only now are the defaults filled in
        rows.append(_line(session, action, subject=Subject.of(row)) | {"before": _text(old), "after": _text(new)})
    if rows:
        session.execute(insert(Audit), rows)


def _line(session: Session, action: str, *, subject: Subject) -> dict[str, Any]:
    actor: Actor = session.info.get("actor") or SYSTEM
    return {
        "mall_id": subject.mall_id,
        "store_id": subject.store_id,
        "at": clock.now(),
        "actor": str(actor)[:80],
        "address": actor.address[:60],
        "action": action,
        "record": subject.record,
        "record_id": str(subject.id)[:40],
        "before": "",
        "after": "",
        "reason": scope.current().why[:200],
    }


def _audited(row: Any) -> bool:
    return getattr(row, "__audited__", True) is True


def _identity(row: Any) -> str:
    return ",".join(str(part) for part in inspect(row).mapper.primary_key_from_instance(row))


def _place(row: Any) -> tuple[Any, Any]:
    """The mall and the store a row belongs to; a mall and a store belong to themselves."""
    if row.__tablename__ == "core_mall":
        return row.id, None
    if row.__tablename__ == "core_store":
        return row.mall_id, row.id
    return getattr(row, "mall_id", None), getattr(row, "store_id", None)


def _values(row: Any) -> Change:
    """All that a row holds, as the trail shows it; what is empty is left out."""
    values = {name: _shown(column, getattr(row, name)) for name, column in _columns(row)}
    values |= {name: [str(other) for other in getattr(row, name)] for name in _links(row)}
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _differences(row: Any) -> tuple[Change, Change] | None:
    old: Change = {}
    new: Change = {}
    state = inspect(row)
    for name, column in _columns(row):
        history = state.attrs[name].load_history()
        if history.has_changes():
            old[name] = _shown(column, history.deleted[0] if history.deleted else None)
            new[name] = _shown(column, history.added[0] if history.added else None)
    for name in _links(row):
        history = state.attrs[name].history
        if history.added or history.deleted:
            old[name] = [str(other) for other in history.deleted]
            new[name] = [str(other) for other in history.added]
    return (old, new) if new.keys() - _NOISE else None


def _columns(row: Any) -> Iterator[tuple[str, Any]]:
    for attribute in inspect(row).mapper.column_attrs:
        if isinstance(attribute, ColumnProperty) and attribute.key not in inspect(row).unloaded:
            yield attribute.key, attribute.columns[0]


def _links(row: Any) -> Iterator[str]:
    """Many-to-many links (a user's roles, a role's permissions) that are loaded: a link that changed is."""
    state = inspect(row)
    for link in state.mapper.relationships:
        many = isinstance(link, RelationshipProperty) and link.direction is RelationshipDirection.MANYTOMANY
        if many and not link.viewonly and link.key not in state.unloaded:
            yield link.key


def _shown(column: Any, value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if kind := column.info.get("personal"):
        return mask(kind, str(value))
    if isinstance(column.type, columns.LargeBinary) or any(part in column.name for part in _SECRET_NAMES):
        return HIDDEN
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _text(values: Mapping[str, Any] | None) -> str:
    return json.dumps(values, ensure_ascii=False, default=str) if values else ""


# --- stamps ---------------------------------------------------------------------------------------------------------


def _raise_stamps(session: Session) -> None:
    changed = (row for row in session.dirty if session.is_modified(row))
    raise_stamps(session, {_stamp_of(row) for row in (*session.new, *session.deleted, *changed)} - {""})


def raise_stamps(session: Session, names: Iterable[str]) -> None:
    """Tell every process to read again what it remembers under these names, once this transaction commits."""
    for name in sorted(names):  # one order for all, so that two transactions never wait for one another
        values = {"name": name, "version": 1}
        upsert(session, Stamp, key="name", values=values, changes={"version": Stamp.version + 1})


def _stamp_of(row: Any) -> str:
    if row.__tablename__.startswith("ab_"):
        return _ACCESS
    stamp: str = getattr(row, "__stamp__", "")
    return stamp
