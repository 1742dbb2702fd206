"""Reports: every plugin's, on screen, on paper, in Excel; and the first ones of its own, over receipts."""

from core import Manifest, _

MANIFEST = Manifest(
    name="reporting",
    title=_("Reports"),
    version="0.1.0",
    summary=_("The reports of all modules: with filters, chart and table on screen, as PDF, Excel and CSV."),
    permissions=("report", "sales"),
)
