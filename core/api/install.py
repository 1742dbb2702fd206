"""Mounting the plugins' endpoints, and what holds for all of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from core import i18n
from core.api import openapi, problem
from core.api.gate import Gate
from core.errors import AtriumError, BrokenPlugin
from core.host import Bell
from core.house import House
from core.i18n import Text, _
from core.types import Answer

PREFIX = "/api/v1/"
_WORDS: dict[int, tuple[str, Text]] = {
    400: ("malformed", _("The request cannot be read.")),
    401: ("unauthorized", _("The key is missing, unknown or revoked.")),
    403: ("forbidden", _("You are not allowed to do this.")),
    404: ("not_found", _("There is no such record.")),
    405: ("method_not_allowed", _("This address does not take this method.")),
    413: ("body_too_large", _("The request is too large.")),
    429: ("too_many_requests", _("Too many requests. Please wait a moment.")),
}
_log = logging.getLogger(__name__)


def install(app: Flask, house: House) -> None:
    """Mount every plugin's API blueprints and the description of them; call it after the screens, before the gate."""
    own = Blueprint("core_api", __name__, url_prefix=PREFIX.rstrip("/"))
    own.get("/openapi.json")(_describe)
    openapi.describe(own, openapi.Description(_OWN_PATHS))
    mounted = app.extensions["atrium.api"] = [own, *_of_plugins(house)]
    for blueprint in mounted:
        # On the app: a plugin's blueprint is one object for all apps that a process makes.
        app.before_request_funcs.setdefault(blueprint.name, []).append(_speak)
        app.register_blueprint(blueprint)
        if "csrf" in app.extensions:  # a key in a header is no cookie: no other site's page can make a browser send it
            app.extensions["csrf"].exempt(blueprint)
    app.extensions["atrium.problem"] = _problem


def send(answer: Answer) -> Response:
    """A stored answer as it stands: byte for byte, with `Idempotent-Replayed` when it was given before."""
    response = Response(answer.body, status=answer.status, mimetype="application/json")
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _of_plugins(house: House) -> Iterator[Blueprint]:
    """All plugins' blueprints, on or off: the gate decides with each request. A plugin that fails is listed broken."""
    for bell in house.host.bells("api_blueprints"):
        try:
            found = house.host.ring(bell, {}, read=list)
            for blueprint in found:
                _check(bell, blueprint)
        except BrokenPlugin as error:
            reason = error.facts.get("because", str(error))
            house.host.plugins[bell.plugin].broken(_("Cannot be registered: %(error)s", error=reason))
        else:
            yield from found


def _check(bell: Bell, blueprint: Blueprint) -> None:
    if not (blueprint.url_prefix or "").startswith(PREFIX):
        raise BrokenPlugin(because=f"the blueprint {blueprint.name} is not under {PREFIX}")
    if not blueprint.name.startswith(bell.plugin):
        raise BrokenPlugin(because=f"the blueprint {blueprint.name} does not begin with {bell.plugin}")


def _describe() -> Response:
    gate: Gate = current_app.extensions["atrium.gate"]
    mounted: list[Blueprint] = current_app.extensions["atrium.api"]
    here = [blueprint for blueprint in mounted if (owner := gate.owner_of(blueprint)) is None or gate.is_open(owner)]
    return Response(json.dumps(openapi.document(here), ensure_ascii=False), mimetype="application/json")


def _speak() -> None:
    i18n.set_language(problem.language_of(request.headers.get("Accept-Language", "")))


def _problem(error: Exception) -> Any:
    """Whatever goes wrong under `/api/` is answered as a problem: our refusals, the framework's, and our own faults."""
    if isinstance(error, AtriumError):
        if error.status >= 500:
            _log.error("%s %s: %s %s", request.method, request.path, error, error.facts)
        return problem.answer(error)
    if not isinstance(error, HTTPException):
        _log.exception("%s %s failed", request.method, request.path, exc_info=error)
        return problem.answer(AtriumError())
    if error.code is None or error.code < 400:
        return error
    code, sentence = _WORDS.get(error.code, (AtriumError.code, AtriumError.sentence))
    said = problem.plain_answer(error.code, code, sentence=sentence)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        said.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return said


_OWN_PATHS = {
    f"{PREFIX}openapi.json": {
        "get": {
            "operationId": "openapi",
            "summary": "This description, of what is on in the till's store (with a key) or anywhere (without)",
            "tags": ["description"],
            "security": [{}, {"till": []}],
            "responses": {
                "200": {
                    "description": "An OpenAPI 3.1 document",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        }
    }
}
