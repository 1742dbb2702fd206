"""Charts by vl-convert, as SVG that fits into a page of ours. Only the rendering program loads this.

No style attribute, no script, no address: the content policy lets it through, and nothing of it leads elsewhere.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import vl_convert

SVG = "http://www.w3.org/2000/svg"
KEPT = {"svg", "g", "path", "rect", "line", "circle", "text", "tspan", "defs", "clipPath"}
ATTRIBUTES = {
    *("d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "width", "height", "viewBox", "transform", "id"),
    *("fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "stroke-linecap"),
    *("stroke-linejoin", "stroke-miterlimit", "opacity", "clip-path", "text-anchor", "dx", "dy"),
    *("font-family", "font-size", "font-weight"),
}
"""What is left of Vega's SVG; a mark has nothing else."""


def render(spec: dict[str, Any], theme: dict[str, Any]) -> str:
    """The chart of a Vega-Lite specification that holds its own data. Nothing is fetched."""
    package = find_spec("pylopdf_fonts_zh_cn")
    if package is not None and package.origin:
        vl_convert.register_font_directory(str(Path(package.origin).parent))
    drawn = vl_convert.vegalite_to_svg(json.dumps(spec), config=theme, allowed_base_urls=[])
    return _cleaned(drawn, mark=str(spec.get("name", "c")), sentence=str(spec.get("description", "")))


def _cleaned(drawn: str, *, mark: str, sentence: str) -> str:
    root = ElementTree.fromstring(drawn)  # noqa: S314 - made a moment ago by vl-convert, no outside input
    _strip(root, mark)
    root.set("role", "img")
    root.set("aria-label", sentence)
    root.set("class", "chart-svg")
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _strip(element: ElementTree.Element, mark: str) -> None:
    for child in list(element):
        name = child.tag.rpartition("}")[2]
        if name in KEPT and child.get("display") != "none" and child.get("opacity") != "0":
            _strip(child, mark)
        else:
            element.remove(child)
    for name in list(element.attrib):
        value = element.attrib[name]
        if name not in ATTRIBUTES:
            del element.attrib[name]
        elif name == "id":
            element.attrib[name] = f"{mark}-{value}"
        elif value.startswith("url(#"):
            element.attrib[name] = f"url(#{mark}-{value[5:]}"
