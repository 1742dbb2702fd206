"""Reports of loyalty: a member's statement of points, and what stores gave and took."""

from __future__ import annotations

from collections.abc import Iterator

from core import Member, Text, UnitOfWork, _, ledger, reports
from core.reports import Asked, Chart, Column, Content, Report, Row, Statement, Table, Value
from plugins.loyalty import services
from plugins.loyalty.rules.accounts import debt_of

_MOVEMENTS = (
    Column("day", _("Day"), "date"),
    Column("what", _("Movement")),
    Column("why", _("Reason")),
    Column("where", _("Where")),
    Column("points", _("Points"), "points", signed=True),
    Column("balance", _("Balance"), "points"),
)
_EXPIRING = (Column("day", _("Last day"), "date"), Column("points", _("Points"), "points", total=True))


def says(uow: UnitOfWork, asked: Asked) -> Content:
    """One member's points over the period: opening, each movement with its reason, closing, and what expires soon."""
    member = uow.session.get(Member, asked.member_id) if asked.member_id else None
    if member is None:
        nobody = Table(_MOVEMENTS, (), title=_("Movements"), empty=_("There is no member to ask about."))
        return Content((nobody,), facts=((_("Member"), Value(None)),))
    days, mall_id = (asked.period.first, asked.period.last), asked.mall.id
    kept = services.balances(uow, member_id=member.id, mall_id=mall_id, days=days)
    stores = {store.id: store for store in asked.stores}
    rows = list(services.movements(uow, account_id=kept.account_id, days=days, stores=stores)) if kept else []
    opening, closing = (kept.opening, kept.closing) if kept else (0, 0)
    moved = Table(
        _MOVEMENTS,
        rows,
        title=_("Movements"),
        opening=opening,
        closing=closing,
        moves="points",
        running="balance",
    )
    soon = Table(
        _EXPIRING,
        services.expiring(uow, member_id=member.id, mall_id=mall_id, today=asked.today),
        title=_("Expiring within 90 days of %(day)s", day=asked.today),
        empty=_("No points expire in this time."),
    )
    moves = [row["points"] for row in rows]
    figures = (
        (_("Opening balance"), Value(opening, "points")),
        (_("Received"), Value(sum(points for points in moves if points > 0), "points", signed=True)),
        (_("Used or expired"), Value(sum(points for points in moves if points < 0), "points")),
        (_("Closing balance"), Value(closing, "points")),
    )
    return Content((moved, soon), facts=_facts(uow, member, asked=asked), figures=figures, notes=_notes(asked))


def _facts(uow: UnitOfWork, member: Member, *, asked: Asked) -> list[tuple[Text, Value]]:
    tier = services.tier_of(uow, member_id=member.id, mall_id=asked.mall.id)
    facts = [(_("Member"), Value(f"{member.name} ({member.id})")), (_("Phone"), Value(member.phone_masked))]
    if tier is not None:
        facts.append((_("Tier"), Value(tier.name)))
    if owed := ledger.balance(uow, debt_of(member.id, asked.mall.id)):
        facts.append((_("Owed"), Value(owed, "points")))
    return facts


def _notes(asked: Asked) -> list[Text]:
    notes = [_("Days are business days. What arrives later stands under the day on which it happened.")]
    if not asked.whole:
        notes.append(_("Of other stores only the points are shown."))
    return notes


def by_store(uow: UnitOfWork, asked: Asked) -> Iterator[Row]:
    """What each store gave and took in the period."""
    days = (asked.period.first, asked.period.last)
    return services.by_store(uow, mall_id=asked.mall.id, stores=list(asked.stores), days=days)


REPORTS: tuple[Report, ...] = (
    Statement(
        name="member_statement",
        title=_("Member points statement"),
        permission="loyalty.statement",
        filters=(reports.a_member(), reports.a_period()),
        columns=_MOVEMENTS,
        says=says,
        signatures=(_("Issued by"), _("Confirmed by the member")),
        roles=("department_head", "store_manager", "finance", "member_care"),
    ),
    Report(
        name="by_store",
        title=_("Points given and taken by store"),
        permission="loyalty.report",
        filters=(reports.a_period(), reports.a_store()),
        columns=(
            Column("store", _("Store")),
            Column("given", _("Given"), "points", total=True),
            Column("taken_back", _("Taken back"), "points", total=True),
            Column("paid", _("Paid with points"), "points", total=True),
            Column("given_back", _("Given back"), "points", total=True),
            Column("net", _("Members' points"), "points", total=True, signed=True),
        ),
        rows=by_store,
        chart=Chart("store", "given"),
        roles=("department_head", "store_manager", "finance", "marketing"),
    ),
)
