"""Charts: SVG that a strict page lets through, readable without seeing it, drawn once."""

from __future__ import annotations

import re

from defusedxml import ElementTree

from core.documents import charts

POINTS = [("周一", 120.5), ("Tue", 80.0), ("<b>", 0.0)]


def drawn(sentence: str = "周一 120.50，Tue 80.00。") -> str:
    return charts.svg(charts.bars(POINTS, name="sales", unit="元", sentence=sentence))


def test_nothing_in_it_needs_a_weaker_policy() -> None:
    svg = drawn()

    root = ElementTree.fromstring(svg)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "path", "rect", "line", "text", "tspan", "defs", "clipPath"}
    assert not re.search(r"\sstyle=|\son\w+=|href=|<script|<style|url\((?!#)", svg)


def test_it_says_in_words_what_it_shows() -> None:
    root = ElementTree.fromstring(drawn())

    assert root.get("role") == "img"
    assert root.get("aria-label") == "周一 120.50，Tue 80.00。"
    texts = [element.text for element in root.iter() if element.text]
    assert {"周一", "Tue", "<b>", "元"} <= set(texts)


def test_the_bars_are_as_high_as_the_values() -> None:
    tops = [float(y) for y in re.findall(r'd="M[\d.]+,([\d.]+)[^"]*" fill="#2E4A9E"', drawn())]

    heights = [180 - top for top in tops]
    assert heights[2] == 0
    assert abs(heights[0] / heights[1] - 120.5 / 80) < 0.01


def test_the_same_chart_is_drawn_once_and_another_anew() -> None:
    assert drawn() is drawn()
    assert drawn(sentence="other") != drawn()


def test_a_line_for_a_tile_has_no_axes() -> None:
    svg = charts.svg(charts.sparkline([3, 1, 4, 1, 5], name="tile", sentence="5 days."))

    root = ElementTree.fromstring(svg)
    assert float(root.get("width") or 0) < 140
    assert not [element for element in root.iter() if element.tag.endswith("text")]
