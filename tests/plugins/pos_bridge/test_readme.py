"""What the README shows a till maker is what happens: every command is run, every answer compared."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from core.services import Person, enrol_member
from tests.support.server import serving
from tests.support.town import build

README = Path(__file__).resolve().parents[3] / "plugins" / "pos_bridge" / "README.md"
EXAMPLE = re.compile(r"```sh\n(curl .*?)```\n```json\n(.*?)```", re.DOTALL)


def holds(said: Any, shown: Any) -> bool:
    """Whether an answer has at least what the README shows of it."""
    if isinstance(shown, dict):
        return isinstance(said, dict) and all(name in said and holds(said[name], shown[name]) for name in shown)
    if isinstance(shown, list) and shown:
        return len(said) == len(shown) and all(holds(one, other) for one, other in zip(said, shown, strict=True))
    return bool(said == shown)


def test_the_examples_of_the_readme(sqlite_url: str, tmp_path: Path) -> None:
    assert shutil.which("curl"), "curl is needed"
    examples = EXAMPLE.findall(README.read_text(encoding="utf-8"))
    assert len(examples) == README.read_text(encoding="utf-8").count("\ncurl ") == 9
    town = build(sqlite_url, tmp_path / "home")
    shop = town.open_shop()
    with town.work() as uow:
        enrol_member(uow, mall_id=town.mall_id, person=Person("Sample", "17000000001"))
    set_up = "TODAY=$(date +%F) NOW=$(date +%Y-%m-%dT%H:%M:%S%:z); "
    with serving(town.environment, workers=1, log=tmp_path / "log") as server:
        own = {"ATRIUM": f"http://127.0.0.1:{server.port}", "KEY": shop.keys["T01"], "TZ": "Asia/Shanghai"}
        for command, shown in examples:
            run = subprocess.run(
                ["bash", "-ec", set_up + command], env={**os.environ, **own}, capture_output=True, text=True, check=True
            )
            expected = json.loads(shown)
            if "member" in expected:
                expected["member"].pop("id")
            assert holds(json.loads(run.stdout), expected), f"{command}\n{run.stdout}"
    town.house.database.dispose()
