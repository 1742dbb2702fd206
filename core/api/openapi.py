"""OpenAPI 3.1 of what is installed: each API blueprint carries its own description, the core puts them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from flask import Blueprint

from core.api.problem import MIMETYPE, TYPE
from core.manifest import CORE_API

VERSION = "3.1.0"
_ATTRIBUTE = "openapi"

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Why the answer is no, after RFC 9457. Programs decide by `code`; people read `detail`.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "In the language of Accept-Language: zh (default) or en."},
        "code": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "instance": {"type": "string", "format": "uri-reference"},
        "pointer": {"type": "string", "description": "JSON Pointer to the value that was refused."},
    },
    "examples": [
        {
            "type": f"{TYPE}amount_not_integer",
            "title": "The request is not valid.",
            "status": 422,
            "detail": "Amounts are whole numbers of the smallest unit (fen, cents).",
            "code": "amount_not_integer",
            "instance": "/api/v1/pos/receipts",
            "pointer": "/lines/0/amount",
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Description:
    """What one blueprint answers: path → method → operation object, and the schemas these refer to by name."""

    paths: Mapping[str, Mapping[str, Any]]
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def describe(blueprint: Blueprint, description: Description) -> Blueprint:
    """Give the blueprint its description; returns the blueprint."""
    setattr(blueprint, _ATTRIBUTE, description)
    return blueprint


def refusals(codes: Mapping[int, Mapping[str, str]]) -> dict[str, Any]:
    """The responses for refusals of one operation: HTTP status → code → when it is given."""
    return {str(status): _refusal(status, meanings) for status, meanings in sorted(codes.items())}


def _refusal(status: int, meanings: Mapping[str, str]) -> dict[str, Any]:
    listed = "\n".join(f"* `{code}`: {meaning}" for code, meaning in sorted(meanings.items()))
    return {
        "description": f"{HTTPStatus(status).phrase}\n\n{listed}",
        "content": {MIMETYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "x-codes": dict(sorted(meanings.items())),
    }


def document(blueprints: Iterable[Blueprint]) -> dict[str, Any]:
    """The OpenAPI document of these blueprints; one without a description adds nothing."""
    spec = APISpec(
        title="Atrium",
        version=CORE_API,
        openapi_version=VERSION,
        info={"description": "Money is integer minor units; points are integers. Errors are problem+json (RFC 9457)."},
        security=[{"till": []}],
    )
    spec.components.security_scheme(
        "till", {"type": "http", "scheme": "bearer", "description": "The key of one till, shown once when it is made."}
    )
    spec.components.schema("Problem", PROBLEM)
    for blueprint in blueprints:
        description: Description | None = getattr(blueprint, _ATTRIBUTE, None)
        if description is None:
            continue
        for name, schema in description.schemas.items():
            spec.components.schema(name, dict(schema))
        for path, operations in description.paths.items():
            spec.path(path=path, operations={method: dict(said) for method, said in operations.items()})
    made: dict[str, Any] = spec.to_dict()
    return made
