"""PDF by WeasyPrint. Only the rendering program loads this, after `fonts.prepare`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import weasyprint
from weasyprint.draw import text as drawing
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from . import page

ASSET = "asset:"
BOLD, OUTLINE = 600, 0.03
"""From which weight on a text is drawn with an outline, and how wide that is, in ems."""


class OwnOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Fetches `data:` and, by their ids, what came with the task. No file, no network, no redirect."""

    def __init__(self, assets: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False)
        self._assets = assets

    def fetch(self, url: str, headers: Any = None) -> Any:
        """The asset, or what the base class makes of a `data:` address; ValueError for every other."""
        if not url.startswith(ASSET):
            return super().fetch(url, headers)
        kind, body = self._assets[url.removeprefix(ASSET)]
        return URLFetcherResponse(url, base64.b64decode(body), {"Content-Type": kind})


def render(content: Mapping[str, Any], assets: Mapping[str, tuple[str, str]]) -> bytes:
    """The page as PDF; `assets` are id → (media type, base64). The same content gives the same bytes."""
    return from_html(page.html(content), assets)


def from_html(source: str, assets: Mapping[str, tuple[str, str]]) -> bytes:
    """HTML of ours as PDF."""
    fetcher, fonts = OwnOnly(assets), FontConfiguration()
    style = weasyprint.CSS(string=page.STYLE.read_text("utf-8"), url_fetcher=fetcher, font_config=fonts)
    # A base of no scheme: a relative address leads nowhere, and not into the folder we happen to run in.
    document = weasyprint.HTML(string=source, base_url="", url_fetcher=fetcher)
    made: bytes = document.write_pdf(stylesheets=[style], font_config=fonts)
    return made


def _bolder(draw: Callable[..., Any]) -> Callable[..., Any]:
    """The package has one weight only, and WeasyPrint makes no other of it: bold is the letter with its outline."""

    def drawn(stream: Any, box: Any, *how: Any) -> Any:
        if box.style["font_weight"] < BOLD:
            return draw(stream, box, *how)
        stream.set_color(box.style["color"], stroke=True)
        stream.set_line_width(box.style["font_size"] * OUTLINE)
        stream.set_text_rendering(2)
        try:
            return draw(stream, box, *how)
        finally:
            stream.set_text_rendering(0)

    return drawn


drawing.draw_first_line = _bolder(drawing.draw_first_line)
