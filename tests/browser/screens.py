"""`make screens`: every page of the menu as a picture, in both languages, wide and narrow, into docs/screens.

Makes a sample mall in a folder of its own, serves it, walks the menu as its administrator. Needs Chromium and, for
Chinese, a Chinese font on the machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENS = ROOT / "docs" / "screens"
WIDTHS = {"": (1280, 800), "-phone": (390, 844)}
LANGUAGES = {"zh": "zh-CN", "en": "en"}
PORT = 5078


def main() -> None:
    """Take all pictures anew."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("needs Chromium: apt-get install chromium fonts-noto-cjk")
    SCREENS.mkdir(parents=True, exist_ok=True)
    with demo() as password, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language in LANGUAGES:
            for suffix in WIDTHS:
                count = walk(browser, password, language=language, suffix=suffix)
                print(f"{language}{suffix}: {count} pages")
        browser.close()


@contextmanager
def demo() -> Iterator[str]:
    """A served sample mall; gives the administrator's password."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ATRIUM_HOME": f"{folder}/home", "LANG": "C.UTF-8"}
        command = [sys.executable, "app.py", "demo", "--port", str(PORT), "--json"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["password"])
        finally:
            process.terminate()
            process.wait(20)


def walk(browser: Browser, password: str, *, language: str, suffix: str) -> int:
    """Sign in and take each page of the menu."""
    width, height = WIDTHS[suffix]
    context = browser.new_context(locale=LANGUAGES[language], viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{PORT}/login/")
    take(page, f"login-{language}{suffix}")
    page.fill("#username", "admin")
    page.fill("#password", password)
    page.click("button.main")
    page.wait_for_selector("nav.side")
    addresses = list(dict.fromkeys(page.eval_on_selector_all("nav.side a", "links => links.map(link => link.href)")))
    for address in addresses:
        page.goto(address)
        take(page, f"{name_of(address)}-{language}{suffix}")
    context.close()
    return len(addresses) + 1


def name_of(address: str) -> str:
    """What a page's picture is called: its address without the parts that say only 'list'."""
    path = address.split(f":{PORT}", 1)[1]
    return re.sub(r"[^a-z0-9]+", "-", path.replace("/list/", "/").strip("/").lower()) or "home"


def take(page: Page, name: str) -> None:
    """One picture of what is on the screen."""
    page.screenshot(path=SCREENS / f"{name}.png")


if __name__ == "__main__":
    main()
