"""The tills' API as it describes itself: every request and answer that passes here must be as described."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Contract:
    """An OpenAPI document to hold answers against."""

    document: dict[str, Any]

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        found = [(re.compile(re.sub(r"\{\w+\}", ".+", path)), path) for path in self.document["paths"]]
        return sorted(found, key=lambda item: item[1].count("{"))

    def path_of(self, address: str) -> str | None:
        """The described path that an address belongs to."""
        return next((path for pattern, path in self._paths if pattern.fullmatch(address)), None)

    def expect(self, method: str, address: str, *, status: int, mimetype: str, text: str) -> None:
        """The answer must be one that is described: its status, its form, its code."""
        path = self.path_of(address)
        operation = self.document["paths"].get(path, {}).get(method.lower())
        if path is None or operation is None:
            assert status in (404, 405), f"{method} {address} is not described"
            return
        assert str(status) in operation["responses"], (
            f"{method} {path} answers {status}, which is not described: {text}"
        )
        said = operation["responses"][str(status)]
        assert mimetype in said["content"], f"{method} {path} answers {mimetype}"
        self.validate(said["content"][mimetype]["schema"], json.loads(text))
        if mimetype == PROBLEM:
            code = json.loads(text)["code"]
            assert code in said["x-codes"], f"{method} {path}: code {code} is not described under {status}"

    def expect_request(self, method: str, address: str, *, sent: Any) -> None:
        """What was taken must be as described, too."""
        operation = self.document["paths"][self.path_of(address)][method.lower()]
        self.validate(operation["requestBody"]["content"]["application/json"]["schema"], sent)

    def validate(self, schema: dict[str, Any], value: Any) -> None:
        """The value must satisfy the schema."""
        whole = {**schema, "components": self.document["components"]}
        Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)
