"""Error pages: what happened and what to do next, in the user's language, with a number to name on the telephone."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from core.admin.request import language
from core.errors import AtriumError
from core.i18n import LANGUAGES, Text, _, set_language

log = logging.getLogger("atrium.web")

SENTENCES: dict[int, tuple[Text, Text]] = {
    400: (_("This request cannot be read"), _("Go back, load the page again and repeat the last step.")),
    403: (_("You are not allowed to do this"), _("Ask an administrator for the permission, or go back.")),
    404: (_("There is no such page"), _("It may have been moved, belong to another store, or its module is off here.")),
    405: (_("This address is not for that"), _("Go back and use the buttons of the page.")),
    409: (_("This cannot be done now"), _("Go back, look at the record again and decide anew.")),
    413: (_("This is too large"), _("Send less at once.")),
    429: (_("Too many tries"), _("Wait a little and try again.")),
    500: (_("Something went wrong on our side"), _("Nothing was changed. Try again; if it stays so, name the number.")),
}


def install(app: Flask) -> None:
    """Answer every error of a page with a page, and every one under `/api/` with a problem."""
    app.register_error_handler(AtriumError, _refusal)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failure)


def _refusal(error: AtriumError) -> Any:
    if _is_api():
        return _problem(error)
    if error.status >= 500:
        return _failure(error)
    said = None if type(error).sentence == error.text else error.text
    return _page(error.status, said)


def _http(error: HTTPException) -> Any:
    if _is_api():
        return _problem(error)
    if error.code is None or error.code < 400:
        return error
    return _page(error.code, None)


def _stale_form(_error: CSRFError) -> Any:
    return _page(400, _("The form was open for too long or came from another page."))


def _failure(error: Exception) -> Any:
    if _is_api():
        return _problem(error)
    number = _number()
    log.exception("%s %s failed, number %s", request.method, request.path, number, exc_info=error)
    return _page(500, None, number=number)


def _problem(error: Exception) -> Any:
    """What the API says: `core.api.install` leaves its own function with the app."""
    return current_app.extensions["atrium.problem"](error)


def _page(status: int, said: Text | None, *, number: str | None = None) -> Response:
    title, advice = SENTENCES.get(status) or SENTENCES[500 if status >= 500 else 400]
    if g.get("here") is None:  # before anything was known of the request
        set_language(language() if not _is_static() else LANGUAGES[0])
    values = {"status": status, "title": title, "said": said, "advice": advice, "number": number or _number()}
    return make_response(render_template("atrium/error.html", **values), status)


def _number() -> str:
    return secrets.token_hex(4)


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _is_static() -> bool:
    return request.path.startswith("/static/")
