"""Tiers, and the members who were put into one by hand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from core import Invalid, Member, UnitOfWork, _, clock
from core.admin import Interface, View, formats, here
from core.admin.interface import reader
from core.admin.lookup import members_like, remember
from plugins.loyalty import services
from plugins.loyalty.models import MemberTier, Tier
from plugins.loyalty.views.reach import of_members, whole_mall

_NEEDED = _("This is needed.")


def _tier_codes() -> list[tuple[str, str]]:
    query = select(Tier).order_by(Tier.rank, Tier.id)
    return [(tier.code, tier.name) for tier in reader().scalars(query)]


class TierView(View):
    """The tiers of the programme, the lowest first: there everybody begins."""

    route_base = "/points/tiers"
    class_permission_name = "loyalty.tier"
    datamodel = Interface(Tier)
    list_title, add_title, edit_title = _("Tiers"), _("Add a tier"), _("Change the tier")
    list_columns = ("name", "code", "rank")
    show_columns = ("code", "name", "rank")
    add_columns = ("code", "name", "rank")
    edit_columns = ("name", "rank")
    search_columns = ("code", "name")
    order_columns = ("code", "name", "rank")
    base_order = ("rank", "asc")
    label_columns = {"name": _("Tier"), "rank": _("Rank")}
    helps = {
        "code": _("A short word of your own; rules and tills name the tier by it."),
        "rank": _("0 is the lowest; higher tiers have higher numbers."),
    }
    sentences = {
        "uq_loyalty_tier_code": _("There is a tier with this code already."),
        "loyalty_tier.code": _("There is a tier with this code already."),
    }
    empty = _("No tier yet. Every member is treated alike.")

    def create(self, uow: UnitOfWork, form: Any) -> Any:
        """For those who work in the whole mall."""
        whole_mall()
        return super().create(uow, form)

    def change(self, uow: UnitOfWork, row: Tier, *, form: Any) -> Any:
        """For those who work in the whole mall."""
        whole_mall(row.mall_id)
        return super().change(uow, row, form=form)

    def remove(self, uow: UnitOfWork, row: Tier) -> None:
        """A tier that a member is in, or that a rule names, stays: the database refuses."""
        whole_mall(row.mall_id)
        super().remove(uow, row)


class MemberTierView(View):
    """Members who are in another tier than the lowest, or were put into it on purpose."""

    route_base = "/points/members"
    class_permission_name = "loyalty.member"
    exclude_route_methods = View.exclude_route_methods | {"delete"}
    datamodel = Interface(MemberTier)
    list_title, add_title, edit_title = _("Members' tiers"), _("Set a member's tier"), _("Change the tier")
    list_columns = ("member_id", "tier.name", "since")
    show_columns = ("member_id", "tier.name", "since")
    add_columns = ("member", "tier_code")
    edit_columns = ("tier_code",)
    search_columns = ("since",)
    order_columns = ("since",)
    base_order = ("since", "desc")
    related = ("member", "tier")
    formats = {"member_id": formats.link("MemberView", lambda value, row: formats.text(row.member.name))}
    label_columns = {"tier.name": _("Tier"), "tier_code": _("Tier"), "since": _("Since")}
    form_fields = {
        "member": StringField(
            _("Member"),
            description=_("The phone, or a card number."),
            validators=[InputRequired(_NEEDED), Length(max=80)],
        ),
        "tier_code": SelectField(_("Tier"), choices=_tier_codes, validators=[InputRequired(_NEEDED)]),
    }
    empty = _("Every member is in the lowest tier.")

    def visible(self, query: Select[Any]) -> Select[Any]:
        """The members one may list."""
        return of_members(query, MemberTier.member_id)

    def title_of(self, record: MemberTier) -> str:
        """A row is called by its member."""
        return record.member.name

    def create(self, uow: UnitOfWork, form: Any) -> MemberTier:
        """Put the member whom one names into the tier."""
        found = members_like(uow.session, here().scope.malls, typed=form.member.data.strip())
        if len(found) != 1:
            raise Invalid(_("This is no single member. Type the whole phone or card number."), code="member_not_found")
        remember([found[0].id])
        return _set(uow, found[0], tier_code=form.tier_code.data)

    def change(self, uow: UnitOfWork, row: MemberTier, *, form: Any) -> MemberTier:
        """Put them into another tier."""
        return _set(uow, row.member, tier_code=form.tier_code.data)

    def filled(self, form: Any, record: MemberTier) -> None:
        """The form begins with the tier they are in."""
        form.tier_code.data = record.tier.code


def _set(uow: UnitOfWork, member: Member, *, tier_code: str) -> MemberTier:
    today = clock.today(here().known.malls[member.mall_id].zone)
    return services.set_tier(uow, member_id=member.id, mall_id=member.mall_id, tier_code=tier_code, today=today)
