"""The back office: Flask-AppBuilder's room. What is re-exported here is what a plugin's `views.py` works with.

`build` puts it together · `request` what holds for a request · `base` and `routes` the views · `interface` reading and
writing · `forms`, `filters`, `listing`, `formats` the parts of a page · `guard` who may · `nav`, `shell`, `errors` the
frame · `lookup` finds members · `pages` the core's own screens.
"""

from flask_appbuilder import expose

from core.admin import formats
from core.admin.base import AdminEntry, Page, ReadOnly, View
from core.admin.build import build, new_app, sync_permissions
from core.admin.formats import Cell, State
from core.admin.forms import Form, MoneyField, RowField
from core.admin.guard import allowed, deed, signed_in
from core.admin.interface import Interface, work
from core.admin.panels import Panel, table
from core.admin.request import actor, here

__all__ = [
    "AdminEntry",
    "Cell",
    "Form",
    "Interface",
    "MoneyField",
    "Page",
    "Panel",
    "ReadOnly",
    "RowField",
    "State",
    "View",
    "actor",
    "allowed",
    "build",
    "deed",
    "expose",
    "formats",
    "here",
    "new_app",
    "signed_in",
    "sync_permissions",
    "table",
    "work",
]
