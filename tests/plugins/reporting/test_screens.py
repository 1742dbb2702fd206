"""The screens: who sees which report, what they show, and files that go to nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from werkzeug.test import TestResponse

from core import enablement
from core.models import Audit
from core.types import Place
from tests.support.office import Browser, Office, add_receipt, furnish

SALES, STATEMENT = "/reports/reporting.sales", "/reports/loyalty.member_statement"


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """A back office with a sale in each of its two stores, today."""
    made = furnish(database_url, tmp_path / "home")
    add_receipt(made, "A", member="A", number="RA", total=12_900)
    add_receipt(made, "B", member="B", number="RB", total=4_500)
    yield made
    made.town.house.database.dispose()


def fetch(browser: Browser, **said: str) -> TestResponse:
    """A file, which is no page: nothing of it is read as text."""
    return browser.client.post(f"{SALES}/file", data={"csrf_token": browser.token, **said})


def test_the_list_shows_what_one_may_see(office: Office) -> None:
    names = re.compile(r'href="/reports/([\w.]+)"')

    assert set(names.findall(office.browser("boss").get("/reports/").text)) >= {
        *("loyalty.by_store", "loyalty.member_statement", "pos_bridge.daily_statement", "reporting.sales")
    }
    care = set(names.findall(office.browser("care").get("/reports/").text))
    assert "loyalty.member_statement" in care
    assert "reporting.sales" not in care
    assert office.browser("cashier").get("/reports/").status_code == 403
    assert office.browser().get("/reports/").status_code == 302


def test_a_report_is_a_chart_a_sentence_and_a_table(office: Office) -> None:
    answer = office.browser("boss").get(SALES)

    assert answer.status_code == 200
    assert "129.00" in answer.text
    assert "45.00" in answer.text
    chart = re.search(r"<svg[^>]*role=\"img\".*?</svg>", answer.text, re.S)
    assert chart is not None
    assert " style=" not in answer.text
    assert "<script" not in chart[0]
    assert re.search(r"<figcaption[^>]*>Net sales: ¥174.00 in all", answer.text)


def test_the_page_speaks_chinese(office: Office) -> None:
    text = office.browser("boss", language="zh-CN").get(SALES).text

    assert "各门店每日销售" in text
    assert "净销售额（元）" in text or "净销售额 (元)" in text


def test_a_store_manager_sees_their_store_only(office: Office) -> None:
    manager = office.browser("manager")

    page = manager.get(SALES).text
    assert "129.00" in page
    assert "45.00" not in page
    assert "Store B" not in page
    assert manager.get(f"{SALES}?store=S0002").status_code == 404
    assert manager.get(f"{STATEMENT}?member={office.members['B']}").status_code == 404
    assert manager.get(f"{STATEMENT}?member={office.members['A']}").status_code == 200


def test_filters_stand_in_the_address(office: Office) -> None:
    boss = office.browser("boss")

    page = boss.get(f"{SALES}?period.from=2020-01-01&period.to=2020-01-31").text
    assert 'value="2020-01-31"' in page
    assert "129.00" not in page
    assert boss.get(f"{SALES}?period=nonsense").status_code == 422
    assert boss.get(f"{SALES}?unknown=1").status_code == 200  # what is no filter of this report is not asked


@pytest.mark.parametrize(("kind", "start"), [("pdf", b"%PDF-"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")])
def test_a_file_goes_to_who_asked_and_the_trail_knows(office: Office, kind: str, start: bytes) -> None:
    boss = office.browser("boss")
    boss.get(SALES)

    answer = fetch(boss, format=kind, language="zh")

    assert answer.status_code == 200
    assert answer.data.startswith(start)
    named = answer.headers["Content-Disposition"]
    assert re.fullmatch(rf'attachment; filename="reporting\.sales-\d{{8}}\.{kind}"', named)
    assert answer.headers["Cache-Control"] == "no-store"
    [line] = office.trail(action="exported")
    assert (line.record, line.actor) == ("reporting.sales", "user:boss")
    assert kind in line.after


def test_a_file_holds_what_the_page_was_asked(office: Office) -> None:
    manager = office.browser("manager")
    manager.get(f"{SALES}?period=this_month")

    answer = fetch(manager, format="xlsx", language="en", period="this_month")

    sheet: Any = openpyxl.load_workbook(BytesIO(answer.data)).active
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert 129 in cells
    assert 45 not in cells
    assert not any("Store B" in str(cell) for cell in cells)


def test_a_file_needs_a_form_of_ours_and_the_right(office: Office) -> None:
    boss, care = office.browser("boss"), office.browser("care")
    boss.get(SALES)

    assert boss.post(f"{SALES}/file", {"format": "csv", "language": "zh", "csrf_token": "x"}).status_code == 400
    assert boss.get(f"{SALES}/file").status_code == 405
    assert boss.post(f"{SALES}/file", {"format": "exe", "language": "zh"}).status_code == 400
    care.get("/reports/")
    assert care.post(f"{SALES}/file", {"format": "csv", "language": "zh"}).status_code == 403
    assert care.get(SALES).status_code == 403
    assert office.browser().post(f"{SALES}/file").status_code in (302, 400)
    assert office.trail(action="exported") == []


def test_a_plugin_that_is_off_has_no_reports(office: Office) -> None:
    boss = office.browser("boss")
    with office.town.work() as uow:
        mall, host = Place(office.town.mall_id), office.town.house.host
        enablement.switch(uow, host=host, plugin="loyalty", place=mall, on=False)

    assert "loyalty." not in boss.get("/reports/").text
    assert boss.get(STATEMENT).status_code == 404
    assert boss.get(SALES).status_code == 200
    with office.town.work() as uow:
        enablement.switch(uow, host=host, plugin="reporting", place=mall, on=False)
    assert boss.get(SALES).status_code == 404


def test_a_members_page_leads_to_their_statement(office: Office) -> None:
    boss = office.browser("boss")

    page = boss.get(f"/members/show/{office.members['A']}").text

    assert f"/reports/loyalty.member_statement?member={office.members['A']}" in page
    cashier = office.browser("cashier")
    assert "/reports/" not in cashier.get(f"/members/show/{office.members['A']}").text


def test_looking_writes_nothing(office: Office) -> None:
    boss = office.browser("boss")
    before = office.town.rows()

    boss.get(SALES)
    boss.get("/reports/")

    assert office.town.rows() == before
    assert office.find(Audit, action="exported") is None
