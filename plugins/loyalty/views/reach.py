"""Who may change what holds for a whole mall, and whose points one sees."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from core import Member, Refused, _
from core.admin import here
from core.admin.pages.members import MemberView


def whole_mall(mall_id: int | None = None) -> int:
    """The mall one works in, for those who work in all of it. `Refused` for everybody else."""
    facts = here()
    mall_id = mall_id or facts.place.mall_id
    if mall_id is None:
        raise Refused(_("Choose a mall first, at the top of the page."), code="no_mall_chosen")
    if facts.scope.stores is not None:
        raise Refused(_("Only somebody who works in the whole mall may change this."), code="reach_too_small")
    return mall_id


def of_members(query: Select[Any], column: Any) -> Select[Any]:
    """Only rows of members whom one may list: home store, visits, or looked up in this session."""
    if here().scope.stores is None:
        return query
    mine = MemberView.visible(MemberView, select(Member.id))  # type: ignore[arg-type]
    return query.where(column.in_(mine))
