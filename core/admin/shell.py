"""What every page's frame needs: words, the places to choose from, addresses of files, headers."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request, url_for
from flask_wtf.csrf import generate_csrf

from core.admin.formats import Cell, text
from core.admin.request import NOT_OURS, Here
from core.i18n import ROOT

STATIC = ROOT / "core" / "static"
LANGUAGE_NAMES = {"zh": "中文", "en": "English"}
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HSTS = "max-age=31536000; includeSubDomains"
FEW_STORES = 300


def install(app: Flask) -> None:
    """Give templates what they use, and every page its headers."""
    app.jinja_env.globals.update(static=static, csrf_token=generate_csrf, places=places, cell=as_cell)
    app.jinja_env.globals.update(language_names=LANGUAGE_NAMES)
    app.context_processor(lambda: {"here": g.get("here"), "nav": nav})
    app.after_request(headers)


def headers(response: Response) -> Response:
    """Nothing inline, nothing from elsewhere, nothing framed; pages are never kept by a browser or a proxy."""
    if request.path.startswith("/api/"):
        return response
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if not request.path.startswith(NOT_OURS):
        response.headers["Cache-Control"] = "no-store"
    return response


def nav() -> list[dict[str, Any]]:
    """The menu of this request."""
    menu: list[dict[str, Any]] = current_app.extensions["appbuilder"].menu.get_data()
    return menu


def places(here: Here) -> list[tuple[str, str, bool]]:
    """What the switcher offers: value, words, whether it is the one chosen."""
    if here.access is None:
        return []
    malls = [here.known.malls[mall_id] for mall_id in sorted(here.access.malls()) if mall_id in here.known.malls]
    found = [("", "", here.place.mall_id is None)] if len(malls) > 1 else []
    for mall in malls:
        found.append((str(mall.id), mall.name, here.place.mall_id == mall.id and here.place.store_id is None))
        for store in here.access.stores(here.known)[:FEW_STORES]:
            if store.mall_id == mall.id:
                chosen = here.place.store_id == store.id
                found.append((f"{mall.id}:{store.id}", f"{store.code} {store.name}", chosen))
    return found


def as_cell(value: Any) -> Cell:
    """A value as a cell, when it is not one already."""
    return value if isinstance(value, Cell) else text(value)


def static(name: str) -> str:
    """The address of a file of the core's or (`<plugin>/…`) a plugin's; it changes with the contents of the file."""
    plugins: dict[str, Path] = current_app.extensions["atrium.static"]
    folder = plugins.get(name.partition("/")[0], STATIC)
    return url_for("static", filename=name, v=_version(folder / name))


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
