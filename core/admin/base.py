"""The base of every screen. A view names its model, its columns and its words; the rest is here, once.

    class StoreView(View):
        route_base = "/stores"
        class_permission_name = "core.store"
        datamodel = Interface(Store)
        list_title, add_title, edit_title = _("Stores"), _("Add a store"), _("Change a store")
        list_columns = ("code", "name", "state")
        show_columns = ("code", "name", "state", "opened_on")
        add_columns = edit_columns = ("name",)
        search_columns = ("name", "state")
        order_columns = ("code", "name")
        choices = {"state": STATES}

All six column lists must be there. Rows come narrowed to the user's reach; a new row takes its mall and its store from
the place the user has chosen, never from the form; every write is one unit of work with its audit rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from inspect import isfunction
from typing import Any, ClassVar

from flask import url_for
from flask_appbuilder import BaseView, ModelView
from sqlalchemy import Boolean, Date, Integer, Select, inspect

from core.admin import filters, formats, forms
from core.admin.formats import Cell, Format, State
from core.admin.guard import Deed
from core.admin.interface import Interface, Sentences
from core.admin.labels import LABELS, REASONS
from core.admin.panels import Panel
from core.admin.request import here
from core.admin.routes import Routes
from core.auth.roles import Grants
from core.db import Moment
from core.i18n import Text, _
from core.vault import mask

COLUMN_LISTS = ("list_columns", "show_columns", "add_columns", "edit_columns", "search_columns", "order_columns")
READING = frozenset({"list", "show"})


@dataclass(frozen=True, slots=True)
class AdminEntry:
    """A screen and its place in the menu: what the hook `admin_views` returns.

    `name` is constant English and unique; `label` is what people read. Without a `category` the entry stands in the
    plugin's own group. `icon` is the id of a symbol in icons.svg. `grants` says what the core's roles may do with the
    screen's noun (role → noun → methods). A `hidden` one is mounted without a menu entry.
    """

    view: type[BaseView]
    name: str
    label: Text
    category: str = ""
    icon: str = ""
    order: int = 100
    grants: Mapping[str, Grants] = field(default_factory=dict)
    hidden: bool = False


class Page(BaseView):
    """A screen that is no list of records. Its methods are guarded with `allowed` or `signed_in`."""

    template_folder = "templates"

    def render(self, template: str, **values: Any) -> str:
        """The page from a template of ours."""
        page: str = self.render_template(template, view=self, **values)
        return page


class View(Routes, ModelView):
    """A screen of records: list, record, forms, and deeds on one or many rows."""

    template_folder = "templates"
    exclude_route_methods: Any = frozenset({"download", "action", "action_post"})
    include_route_methods: Any = None

    label_columns: Any = None
    choices: ClassVar[Mapping[str, Mapping[str, Text]]] = {}
    """Columns that hold one of a few words."""
    states: ClassVar[Mapping[str, Mapping[str, State]]] = {}
    """Columns that hold a state: word, tone and icon."""
    formats: ClassVar[Mapping[str, Format]] = {}
    """How columns are shown that their type does not tell."""
    money: ClassVar[frozenset[str]] = frozenset()
    """Columns of minor units."""
    rows: ClassVar[Mapping[str, Callable[[], Iterable[Any]]]] = {}
    """Columns that hold the id of another row: the rows to choose from."""
    helps: ClassVar[Mapping[str, Text]] = {}
    sealed: ClassVar[Mapping[str, str]] = {}
    """Sealed texts and the kind of mask they are shown with; `can_reveal` and a reason show one in clear, audited."""
    reasons: ClassVar[tuple[Text, ...]] = REASONS
    """What one says when one wants to see a sealed text, the usual first."""
    form_fields: ClassVar[Mapping[str, Any]] = {}
    """Fields of one's own, instead of those made from the columns."""
    related: ClassVar[tuple[str, ...]] = ()
    """Relations read together with each list."""
    sentences: ClassVar[Sentences] = {}
    """What to say when the database refuses: by constraint name and by `table.column`."""
    show_fieldsets: Any = ()
    """(title, columns) of the record's page; empty for one part with `show_columns`."""
    base_order: Any = ("id", "desc")
    empty: ClassVar[Text | None] = None
    """What a list says that has nothing yet."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.datamodel is not None:
            _check(cls)

    def __init__(self, **kwargs: Any) -> None:
        if not self.sealed:
            self.exclude_route_methods = {*self.exclude_route_methods, "reveal"}
        elif self.include_route_methods is not None:
            self.include_route_methods = {*self.include_route_methods, "reveal"}
        super().__init__(**kwargs)

    # --- what Flask-AppBuilder would guess, we say -------------------------------------------------------------------

    def _init_properties(self) -> None:
        self.labels = {**LABELS, **(self.label_columns or {})}
        self.deeds: dict[str, Deed] = _deeds(self)
        self.related_views: list[Any] = []
        self._related_views: list[Any] = []
        self.base_filters: list[Any] = []
        self._base_filters = None

    def _init_forms(self) -> None:
        self.filters = [filters.make(self, name) for name in self.search_columns]
        self.add_form = forms.make(self, self.add_columns)
        self.edit_form = forms.make(self, self.edit_columns)

    def _init_titles(self) -> None:
        """Titles are written, not guessed."""

    # --- what a view may say otherwise -------------------------------------------------------------------------------

    def visible(self, query: Select[Any]) -> Select[Any]:
        """Narrow the rows further than the user's reach does."""
        return query

    def panels(self, record: Any) -> Iterable[Panel]:
        """Tables on the record's page."""
        return ()

    def facts(self, record: Any) -> list[tuple[Any, list[tuple[str, Any, Cell]]]]:
        """The record's parts: title, and name, label and value of each column."""
        parts = self.show_fieldsets or ((None, self.show_columns),)
        return [
            (title, [(name, self.labels[name], self.cell(record, name)) for name in names]) for title, names in parts
        ]

    # --- showing -----------------------------------------------------------------------------------------------------

    def related_in_list(self) -> tuple[str, ...]:
        """Relations that the list needs: those named, and the first parts of dotted columns."""
        dotted = [name.partition(".")[0] for name in self.list_columns if "." in name]
        return tuple(dict.fromkeys((*self.related, *dotted)))

    def cell(self, record: Any, name: str) -> Cell:
        """A column of a record, as it is shown."""
        value = record
        for part in name.split("."):
            value = getattr(value, part, None)
        return self.format_of(name)(value, record)

    def format_of(self, name: str) -> Format:
        """The format of a column: its own, that of its words, or that of its type."""
        if name in self.sealed:
            kind = self.sealed[name]
            return lambda value, row: formats.text(getattr(row, f"{name}_masked", None) or mask(kind, value))
        if name in self.formats:
            return self.formats[name]
        if name in self.states:
            return formats.states(self.states[name])
        if name in self.choices:
            return formats.words(self.choices[name])
        if name in self.money:
            return formats.money
        column = inspect(self.datamodel.obj).columns.get(name)
        return _by_type(column.type if column is not None else None, name)

    def title_of(self, record: Any) -> Any:
        """What a record is called: as it says itself, else by its number."""
        says = "__str__" in {name for kind in type(record).__mro__[:-1] for name in vars(kind)}
        return str(record) if says else _("No. %(key)s", key=self.datamodel.key_of(record))

    def address_of(self, key: str) -> str:
        """Where a record's page is; empty when the user may not open it."""
        return url_for(f"{self.endpoint}.show", pk=key) if self.can("show") else ""

    def deeds_for(self, record: Any) -> list[Deed]:
        """The buttons of a record's page: the view's deeds that the user may do."""
        return [deed for deed in self.deeds.values() if self.can(deed.name)]

    def can(self, method: str) -> bool:
        """Whether this view has the method and the user may use it."""
        has = f"can_{method}" in (self.base_permissions or ())
        return has and here().may(f"can_{method}", str(self.class_permission_name))


class ReadOnly(View):
    """Records that nobody edits: books, receipts, the trail."""

    include_route_methods = READING
    add_columns = edit_columns = ()


def _check(cls: type[View]) -> None:
    missing = [name for name in COLUMN_LISTS if getattr(cls, name) is None]
    missing += [name for name in ("class_permission_name", "route_base") if getattr(cls, name) is None]
    if missing:
        raise TypeError(f"{cls.__name__} must say: {', '.join(missing)}")
    if not isinstance(cls.datamodel, Interface):
        raise TypeError(f"{cls.__name__}.datamodel must be an Interface")


def _deeds(view: View) -> dict[str, Deed]:
    methods = (getattr(type(view), name, None) for name in dir(type(view)))
    found = (getattr(method, "deed", None) for method in methods if isfunction(method))
    return {deed.name: deed for deed in found if isinstance(deed, Deed)}


def _by_type(kind: Any, name: str) -> Format:
    if isinstance(kind, Boolean):
        return formats.yes_no
    if isinstance(kind, Moment):
        return formats.moment
    if isinstance(kind, Date):
        return formats.day
    if name in ("store_id", "home_store_id"):
        return formats.store
    if name == "mall_id":
        return formats.mall
    return formats.number if isinstance(kind, Integer) and name != "id" else formats.text
