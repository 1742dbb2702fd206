"""The command line, run in this process as a person runs it: arguments in, exit code, output and messages out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from app import create_app
from core.cli import Commands
from core.cli.base import speak_like


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on standard output."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


@dataclass(frozen=True)
class Terminal:
    """Somebody at a terminal of one installation."""

    home: Path
    url: str
    language: str = "C.UTF-8"

    @property
    def environment(self) -> dict[str, str]:
        """What other programs need to find the same installation."""
        return {"ATRIUM_HOME": str(self.home), "ATRIUM_DATABASE_URL": self.url}

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> Ran:
        """Run `python app.py …`; an exception that is no refusal fails the test."""
        given = self.environment | {"LANG": self.language, "LC_ALL": ""}
        speak_like({"LANG": self.language})
        runner = CliRunner(env=given | environment)
        try:
            result = runner.invoke(Commands(name="app.py"), list(arguments), obj=create_app, input=stdin)
        finally:
            speak_like({"LANG": "zh"})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    def tell(self, *arguments: str, **more: str) -> Any:
        """Run with `--json`; it must go well."""
        ran = self.run(*arguments, "--json", **more)
        assert ran.code == 0, ran.err
        return ran.json

    def refuse(self, *arguments: str, **more: str) -> str:
        """Run with `--json`; it must be refused, with a reason on both outputs. Answers the code."""
        ran = self.run(*arguments, "--json", **more)
        assert ran.code == 1, ran.out
        assert ran.json["reason"] in ran.err
        return str(ran.json["error"])
