"""Reports: a plugin describes each once; screen, PDF, Excel and CSV are made from that description.

    from core import reports

    SALES = reports.Report(
        name="sales",
        title=_("Sales by store and day"),
        permission="reporting.sales",
        filters=(reports.a_period(), reports.a_store()),
        columns=(
            reports.Column("day", _("Day"), "date"),
            reports.Column("net", _("Net sales"), "money", total=True),
        ),
        rows=services.sales_by_day,  # (uow, asked) -> rows, mappings by column name
    )

`describe` is what a plugin says · `filters` what may be asked and the defaults · `catalogue` which reports there are ·
`answering` asks one, on connections that cannot write, within the reach of who asks · `words` shows figures · `paper`
and `files` make of an answer what is printed and sent.
"""

from core.documents.charts import svg
from core.documents.renderer import alone
from core.reports.answering import Answered, Reader, answer
from core.reports.catalogue import Found, catalogue, find
from core.reports.describe import Asked, Chart, Column, Content, Period, Report, Row, Statement, Table, Value
from core.reports.drawn import chart_of
from core.reports.files import FORMATS, File, make, note
from core.reports.filters import Filter, a_day, a_member, a_period, a_store, read
from core.reports.paper import Paper

__all__ = [
    "FORMATS",
    "Answered",
    "Asked",
    "Chart",
    "Column",
    "Content",
    "File",
    "Filter",
    "Found",
    "Paper",
    "Period",
    "Reader",
    "Report",
    "Row",
    "Statement",
    "Table",
    "Value",
    "a_day",
    "a_member",
    "a_period",
    "a_store",
    "alone",
    "answer",
    "catalogue",
    "chart_of",
    "find",
    "make",
    "note",
    "read",
    "svg",
]
