"""Reports over receipts, which belong to no other plugin."""

from __future__ import annotations

from collections.abc import Iterator

from core import UnitOfWork, _, reports
from core.reports import Asked, Chart, Column, Report, Row
from plugins.reporting import services


def sales(uow: UnitOfWork, asked: Asked) -> Iterator[Row]:
    """Sales by store and day."""
    stores = {store.id: store for store in asked.stores}
    return services.sales_by_day(uow, stores=stores, days=(asked.period.first, asked.period.last))


REPORTS: tuple[Report, ...] = (
    Report(
        name="sales",
        title=_("Sales by store and day"),
        permission="reporting.sales",
        filters=(reports.a_period("last_30_days"), reports.a_store()),
        columns=(
            Column("day", _("Business day"), "date"),
            Column("store", _("Store")),
            Column("sales", _("Sales receipts"), "count", total=True),
            Column("members", _("With a member"), "count", total=True),
            Column("gross", _("Sales"), "money", total=True),
            Column("returned", _("Returns and voids"), "money", total=True),
            Column("net", _("Net sales"), "money", total=True),
            Column("average", _("Average sale"), "money"),
        ),
        rows=sales,
        chart=Chart("day", "net"),
        roles=("department_head", "store_manager", "finance", "marketing"),
    ),
)
