"""The menu: groups and entries, only those that the user may open and whose plugin is on where they work."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder.menu import Menu, MenuItem

from core.admin.request import here


class Nav(Menu):
    """Flask-AppBuilder's menu, asked differently.

    The stock one needs a permission for each menu name and doubles its list of names with every group. Ours shows an
    entry to whoever may open what it leads to.
    """

    def get_data(self, menu: list[MenuItem] | None = None) -> list[dict[str, Any]]:
        """The groups with their entries; a group with no entry left is not there."""
        found = []
        for item in self.menu if menu is None else menu:
            if item.childs:
                if entries := self.get_data(item.childs):
                    found.append({**_words(item), "childs": entries, "here": any(e["here"] for e in entries)})
            elif item.baseview is not None and item.should_render() and _may_open(item.baseview):
                url = item.get_url()
                found.append({**_words(item), "url": url, "here": _is_here(item.baseview)})
        return found


def _words(item: MenuItem) -> dict[str, Any]:
    return {"name": item.name, "icon": item.icon, "label": str(item.label)}


def _may_open(view: Any) -> bool:
    """By the permission of the method the entry leads to; one without is for everybody who is signed in."""
    name = getattr(getattr(view, view.default_view), "_permission_name", None)
    facts = here()
    return facts.access is not None and (name is None or facts.may(f"can_{name}", view.class_permission_name))


def _is_here(view: Any) -> bool:
    return (request.endpoint or "").partition(".")[0] == view.endpoint
