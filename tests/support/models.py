"""All tables of ours, loaded: what tests over models walk through."""

from __future__ import annotations

import importlib

from sqlalchemy import Table
from sqlalchemy.orm import Mapper

from tests.house.tree import ROOT, Tree


def load() -> type:
    """Import every module that defines a table; the base of our models."""
    for source in Tree(ROOT).product():
        if "__tablename__" in source.text or "Table(" in source.text:
            importlib.import_module(source.module)
    from core.db import Model

    return Model


def tables() -> list[Table]:
    """The tables of the core and of every plugin; Flask-AppBuilder's own (`ab_*`) are not ours."""
    return [table for name, table in sorted(load().metadata.tables.items()) if not name.startswith("ab_")]  # type: ignore[attr-defined]


def mappers() -> list[Mapper[object]]:
    """The mapped classes of the core and of every plugin."""
    found = {mapper.local_table: mapper for mapper in load().registry.mappers}  # type: ignore[attr-defined]
    return [found[table] for table in tables() if table in found]
