"""Charts: one Vega-Lite specification for screen and paper, drawn as SVG by the rendering program.

    charts.svg(charts.bars([("Mon", 120), ("Tue", 80)], name="sales", unit="CNY", sentence="Mon 120, Tue 80."))

Colours and faces come from `vega-theme.json`; sizes are in CSS pixels. The SVG has `role="img"` and the sentence.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from core.documents import renderer

THEME = Path(__file__).resolve().parent / "vega-theme.json"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
KEPT = 64
SECONDS = 5.0
FEW = 8
"""So many bars would be broader than they look well; they are 48 wide."""

Spec = Mapping[str, Any]
Points = Sequence[tuple[str, float]]
"""What is shown: label and value, in order."""

_drawn: OrderedDict[str, str] = OrderedDict()
_lock = threading.Lock()


def svg(spec: Spec) -> str:
    """The chart as SVG without style attributes; the last 64 are remembered. `Refused` as in `renderer.render`.

    `description` becomes its label; `name` keeps ids apart where several charts stand on one page.
    """
    text = json.dumps(spec, sort_keys=True, ensure_ascii=False)
    key = hashlib.sha256(text.encode()).hexdigest()
    with _lock:
        if key in _drawn:
            _drawn.move_to_end(key)
            return _drawn[key]
    made = renderer.render("chart", {"spec": dict(spec), "theme": theme()}, seconds=SECONDS).body.decode()
    with _lock:
        _drawn[key] = made
        while len(_drawn) > KEPT:
            _drawn.popitem(last=False)
    return made


@cache
def theme() -> dict[str, Any]:
    """The look of all charts."""
    found: dict[str, Any] = json.loads(THEME.read_text("utf-8"))
    return found


def bars(points: Points, *, name: str, unit: str, sentence: str, width: int = 640) -> dict[str, Any]:
    """Upright bars, one a label, the unit above the axis."""
    mark: dict[str, Any] = {"type": "bar"} if len(points) > FEW else {"type": "bar", "size": 48}
    return _chart(points, mark, size=(width, 180), words=(name, unit, sentence))


def line(points: Points, *, name: str, unit: str, sentence: str, width: int = 640) -> dict[str, Any]:
    """A line over the labels."""
    return _chart(points, {"type": "line", "point": len(points) < 2}, size=(width, 180), words=(name, unit, sentence))


def sparkline(values: Sequence[float], *, name: str, sentence: str) -> dict[str, Any]:
    """A line without axes, for a tile: 120 × 32."""
    spec = line([(str(place), value) for place, value in enumerate(values)], name=name, unit="", sentence=sentence)
    spec |= {"width": 120, "height": 32}
    for axis in ("x", "y"):
        spec["encoding"][axis]["axis"] = None
    return spec


def _chart(
    points: Points, mark: dict[str, Any], *, size: tuple[int, int], words: tuple[str, str, str]
) -> dict[str, Any]:
    name, unit, sentence = words
    width, height = size
    x = {"field": "x", "type": "ordinal", "sort": None, "axis": {"title": None, "labelOverlap": "greedy"}}
    y = {"field": "y", "type": "quantitative", "axis": {"title": unit or None, "format": ",~f"}}
    return {
        "$schema": SCHEMA,
        "name": name,
        "description": sentence,
        "width": width,
        "height": height,
        "data": {"values": [{"x": label, "y": value} for label, value in points]},
        "mark": mark,
        "encoding": {"x": x, "y": y},
    }
