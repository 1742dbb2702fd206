"""PDF: Chinese that can be read, nothing fetched, the same bytes each time, and a clear word when it cannot be made."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from core.documents import renderer
from core.errors import Refused
from tests.core.documents.looking import fonts_of, ink_of, letters_of, text_of

HAN = "会员积分对账单期初余额变动原因地点合计制表汀澜广场"
ROOT = Path(__file__).resolve().parents[3]


def page(**changes: Any) -> dict[str, Any]:
    """A document of one page."""
    part = {
        "title": "变动",
        "heads": [{"text": "事项", "num": False}, {"text": "积分", "num": True}],
        "rows": [{"cells": ["获得", "+256"]}, {"cells": ["期末余额", "1,456"], "strong": True}],
    }
    said = {"lang": "zh-CN", "title": HAN, "owner": "", "made": "", "parts": [part], "notes": []}
    return {**said, "foot": "脚注", "page": ["第 ", " 页，共 ", " 页"], "missing": "没有：\n"} | changes


def printed(**changes: Any) -> bytes:
    """That document, without the system's fonts, so that every machine prints the same."""
    return renderer.render("pdf", {"page": page(**changes), "system_fonts": False}).body


# --- readable -----------------------------------------------------------------------------------------------------


def test_the_font_is_inside_the_file() -> None:
    fonts = fonts_of(printed())

    assert fonts
    assert all(fonts.values())
    assert all(name.endswith("Noto-Sans-SC") for name in fonts)


def test_every_chinese_letter_has_a_picture_of_its_own() -> None:
    """Without a font each is the same box, and a test of the text alone would not notice."""
    seen = [one for one in letters_of(printed()) if one.letter in HAN]

    pictures = {one.letter: one.dots for one in seen}
    assert set(pictures) == set(HAN)
    assert len(set(pictures.values())) == len(set(HAN))


def test_page_numbers_stand_at_the_foot_of_each_page() -> None:
    rows = [{"cells": [f"第 {n} 行", "1"]} for n in range(80)]
    heads = [{"text": "事项", "num": False}, {"text": "积分", "num": True}]

    text = text_of(printed(parts=[{"title": "", "heads": heads, "rows": rows}]))

    assert "第 1 页，共 3 页" in text
    assert "第 3 页，共 3 页" in text
    assert text.count("脚注") == 3
    assert text.count("事项") == 3  # the head of the table repeats


def test_what_is_bold_is_darker() -> None:
    part = {"title": "", "heads": [{"text": "事项", "num": False}]}
    plain = printed(parts=[{**part, "rows": [{"cells": [HAN]}]}])
    strong = printed(parts=[{**part, "rows": [{"cells": [HAN], "strong": True}]}])

    assert ink_of(strong) > ink_of(plain) + 100


def test_a_letter_no_font_has_is_marked_and_reported() -> None:
    made = renderer.render("pdf", {"page": page(owner="𠮷野家"), "system_fonts": False})

    assert made.missing == ("U+20BB7",)
    text = text_of(made.body)
    assert "〓野家" in text
    assert "没有：U+20BB7" in text


# --- the same each time -------------------------------------------------------------------------------------------


def test_the_same_document_has_the_same_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = printed()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "America/New_York")

    assert printed() == first
    assert printed(owner="x") != first


# --- nothing but what came along ----------------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server that notes who called: its address, and the paths."""
    calls: list[str] = []

    class Note(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/again")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Note)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", calls
    server.shutdown()
    thread.join()
    server.server_close()


def in_the_program(code: str, *, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a few lines where the rendering program runs, with its rooms at hand."""
    start = f"import runpy; from pathlib import Path; m = runpy.run_path({str(renderer.PROGRAM)!r}, run_name='m')\n"
    start += f"m['_room']('fonts').prepare(Path({str(folder)!r}))\n"
    return subprocess.run([sys.executable, "-c", start + code], capture_output=True, check=True, timeout=60)


def test_html_that_asks_for_more_gets_nothing(listener: tuple[str, list[str]], tmp_path: Path) -> None:
    address, calls = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("the key of the house")
    html = f"""<!doctype html><html><head><link rel="stylesheet" href="{address}/sheet">
      <link rel="attachment" href="{secret.as_uri()}"><link rel="attachment" href="{address}/attached">
      <style>@import "{address}/import"; body {{ background: url({address}/ground) }}
      @font-face {{ font-family: x; src: url({address}/font) }} p {{ font-family: x; list-style: url({address}/dot) }}
      </style></head><body><img src="{address}/image"><img src="{secret.as_uri()}"><img src="secret.txt">
      <img src="asset:nothing"><img src="//{address[7:]}/other"><img src="ftp://{address[7:]}/file">
      <svg><image href="{address}/inside"/><use href="{address}/use#a"/></svg><object data="{address}/object"></object>
      <p>still here</p></body></html>"""

    make = f"m['_room']('pdf').from_html({html!r}, {{}})"
    ran = in_the_program(f"import sys; sys.stdout.buffer.write({make})", folder=tmp_path)

    assert calls == []
    assert "still here" in text_of(ran.stdout)
    assert b"the key of the house" not in ran.stdout
    assert b"/EmbeddedFile" not in ran.stdout


def test_what_a_person_wrote_is_text(listener: tuple[str, list[str]]) -> None:
    address, calls = listener
    attack = f'</style><img src="{address}/x"><script>1</script>{{{{ 7*7 }}}} {{% x %}} "; }} @import "{address}/y";'

    text = text_of(printed(title=attack, foot=attack, facts=[[attack, attack]], notes=[attack]))

    assert calls == []
    assert "{{ 7*7 }}" in text.replace("\r\n", "")
    assert "<script>1</script>" in text.replace("\r\n", "")


def test_an_asset_that_came_along_is_drawn() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    black = base64.b64encode(svg.encode()).decode()
    chart = {"asset": "chart", "sentence": "图"}
    task = {"page": page(chart=chart), "system_fonts": False}

    without = renderer.render("pdf", task).body
    drawn = renderer.render("pdf", {**task, "assets": {"chart": ["image/svg+xml", black]}}).body

    assert ink_of(drawn) > ink_of(without) + 10_000


# --- when it cannot be made ---------------------------------------------------------------------------------------


def test_without_any_font_there_is_a_clear_word_and_no_crash(tmp_path: Path) -> None:
    task = {"page": page(), "system_fonts": False, "package_fonts": False, "folder": str(tmp_path)}

    with pytest.raises(Refused) as refusal:
        renderer.render("pdf", task)

    assert refusal.value.reason_code == "no_font"
    assert "pylopdf-fonts-zh-cn" in str(refusal.value)


def test_a_document_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(Refused) as refusal:
        renderer.render("pdf", {"page": page()}, seconds=0.05)

    assert refusal.value.reason_code == "document_too_large"


@pytest.mark.slow
def test_the_program_ends_at_its_limits() -> None:
    """One that wants more memory than it may have is ended by the kernel, and nothing else is."""
    with pytest.raises(Refused) as refusal:
        renderer.render("pdf", {"page": page(title="汉字" * 8_000_000)}, seconds=120)

    assert refusal.value.reason_code == "document_too_large"


def test_the_program_has_no_key_of_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATRIUM_SECRET_KEY", "x" * 40)
    monkeypatch.setenv("ATRIUM_DATABASE_URL", "postgresql://u:p@h/d")

    assert not [name for name in renderer.environment() if name.startswith("ATRIUM")]


def test_one_document_at_a_time() -> None:
    with renderer.alone(), pytest.raises(Refused) as refusal, renderer.alone(seconds=0.1):
        pass
    assert refusal.value.reason_code == "documents_busy"

    with renderer.alone(seconds=0.1):
        pass


def test_a_web_process_loads_none_of_the_libraries() -> None:
    code = "import app, sys; print([m for m in ('weasyprint', 'openpyxl', 'vl_convert') if m in sys.modules])"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ATRIUM_")}

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=clean, check=True)

    assert ran.stdout.strip() == "[]"
