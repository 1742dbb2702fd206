"""Insert a row, or change the one that is there: one statement that two processes can run at the same moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def upsert(session: Session, model: Any, *, key: str, values: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Add a row of `model` with `values`; when its `key` column is taken, make `changes` to that row instead."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(model).values(**values)
    session.execute(statement.on_conflict_do_update(index_elements=[key], set_=dict(changes)))
