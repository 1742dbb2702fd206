"""On and off, settings and what processes remember: one row each, and every process knows at its next request."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core import directory, enablement, settings
from core.errors import Invalid, NotFound, Refused
from core.i18n import _
from core.manifest import Manifest, Setting
from core.models import Audit, PluginSwitch, SettingRow, Stamp
from core.services import close_store, revoke_till
from core.types import Place
from plugins.loyalty import MANIFEST
from tests.support.arrivals import paid, parsed, sale
from tests.support.mall import Shop, open_at

SAMPLE = Manifest(
    name="loyalty",
    title=_("Sample"),
    version="1",
    summary=_("Sample"),
    settings=(
        Setting("whole", "int", 5, _("Whole"), None, 0, 10),
        Setting("money", "money", 0, _("Money")),
        Setting("flag", "bool", True, _("Flag")),
        Setting("words", "text", "x", _("Words")),
        Setting("one", "choice", "a", _("One"), choices=(("a", _("A")), ("b", _("B")))),
    ),
)


def another_process(shop: Shop, tmp_path: Path) -> Shop:
    """The same mall, opened once more: it shares nothing with the first but the database."""
    house = open_at(shop.database.url, tmp_path / "home")
    assert house.database is not shop.database
    return Shop(house, shop.mall_id, shop.stores, shop.tills, shop.members)


def earned(shop: Shop, number: str, till: str = "T01") -> int:
    (told,) = parsed([shop.send(sale(number, 1000, member=1, till=till), till=till)])
    return int(told["points"]["earned"])


# --- switches -----------------------------------------------------------------------------------------------------


def test_off_in_a_store_is_silent_there_and_nowhere_else(shop: Shop) -> None:
    assert (earned(shop, "1"), earned(shop, "1", "T21")) == (10, 10)

    shop.switch("loyalty", False, store=shop.stores[0])

    assert (earned(shop, "2"), earned(shop, "2", "T21")) == (0, 10)
    assert shop.send(paid("3", 0, points=5, member=1)).reason_code == "tender_not_accepted"
    assert shop.balance(1) == 30

    shop.switch("loyalty", True, store=shop.stores[0])

    assert earned(shop, "4") == 10
    assert shop.send(paid("5", 0, points=5, member=1)).status == 201
    assert shop.balance(1) == 35


def test_off_in_the_mall_but_on_in_a_store(shop: Shop) -> None:
    shop.switch("loyalty", True, store=shop.stores[1])
    shop.switch("loyalty", False)
    assert (earned(shop, "1"), earned(shop, "1", "T21")) == (0, 10)

    shop.switch("loyalty", None, store=shop.stores[1])
    assert earned(shop, "2", "T21") == 0
    shop.switch("loyalty", True)
    assert (earned(shop, "3"), earned(shop, "3", "T21")) == (10, 10)


def test_other_processes_know_at_their_next_request(shop: Shop, tmp_path: Path) -> None:
    other = another_process(shop, tmp_path)
    assert earned(other, "1") == 10

    shop.switch("loyalty", False, store=shop.stores[0])
    assert earned(other, "2") == 0
    shop.switch("loyalty", True, store=shop.stores[0])
    assert earned(other, "3") == 10
    other.close()


def test_a_switch_between_reading_and_writing_is_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decision rests on stamps that the write compares: what changed meanwhile is decided again."""
    taking: Any = sys.modules["core.checkout.take"]
    switched: list[bool] = []
    commit = taking.commit

    def late(database: Any, booking: Any) -> None:
        if not switched:
            switched.append(True)
            shop.switch("loyalty", False, store=shop.stores[0])
        commit(database, booking)

    monkeypatch.setattr(taking, "commit", late)
    assert earned(shop, "1") == 0
    assert shop.balance(1) == 0


def test_a_switch_is_one_row_and_audited(shop: Shop) -> None:
    for on in (False, False, True):
        shop.switch("loyalty", on, store=shop.stores[0])

    [row] = shop.all(select(PluginSwitch))
    assert (row.plugin, row.store_id, row.is_on, row.changed_by) == ("loyalty", shop.stores[0], True, "command:tests")
    trail = select(Audit.action, Audit.actor).filter_by(record="core_plugin_switch").order_by(Audit.id)
    assert [action for action, _actor in shop.all(trail)][:1] == ["added"]
    assert shop.ask(select(Stamp.version).filter_by(name="switches")) >= 2


def test_an_unknown_plugin_cannot_be_switched(shop: Shop) -> None:
    with pytest.raises(NotFound):
        shop.switch("nothing", True)


def test_who_is_needed_stays_on_and_who_needs_comes_after(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge = shop.host.plugins["pos_bridge"]
    monkeypatch.setattr(bridge, "manifest", replace(bridge.manifest, depends=("loyalty",)))  # type: ignore[type-var]
    store = shop.stores[0]

    with pytest.raises(Refused, match="pos_bridge") as refused:
        shop.switch("loyalty", False, store=store)
    assert refused.value.reason_code == "plugin_needed"
    shop.switch("pos_bridge", False, store=store)
    shop.switch("loyalty", False, store=store)
    with pytest.raises(Refused, match="loyalty") as refused:
        shop.switch("pos_bridge", True, store=store)
    assert refused.value.reason_code == "plugin_needs_others"

    shop.switch("loyalty", True, store=store)
    shop.switch("pos_bridge", True, store=store)
    assert shop.host.enabled_in(shop.mall_id, store) >= {"loyalty", "pos_bridge"}


def test_who_needs_a_tripped_plugin_is_off_with_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge = shop.host.plugins["pos_bridge"]
    monkeypatch.setattr(bridge, "manifest", replace(bridge.manifest, depends=("loyalty",)))  # type: ignore[type-var]
    with shop.work() as uow:
        enablement.trip(uow, plugin="loyalty", reason="tests")

    assert shop.host.enabled_in(shop.mall_id, shop.stores[0]) & {"loyalty", "pos_bridge"} == frozenset()
    known = directory.get(shop.database)
    assert shop.host.tripped_in(shop.mall_id, shop.stores[0], known=known) == {"loyalty", "pos_bridge"}


# --- settings -----------------------------------------------------------------------------------------------------


def put(shop: Shop, name: str, value: Any, store: int = 0, manifest: Manifest = MANIFEST) -> None:
    with shop.work() as uow:
        settings.put(uow, manifest=manifest, name=name, place=Place(shop.mall_id, store), value=value)


def value(shop: Shop, name: str, store: int = 0) -> Any:
    known = directory.get(shop.database)
    return settings.of(known, manifest=SAMPLE, mall_id=shop.mall_id, store_id=store)[name]


def test_a_store_has_its_own_value_or_its_malls_or_the_default(shop: Shop) -> None:
    here, there = shop.stores
    assert value(shop, "whole", here) == 5
    put(shop, "whole", 6, manifest=SAMPLE)
    put(shop, "whole", 7, here, manifest=SAMPLE)
    assert [value(shop, "whole", store) for store in (0, here, there)] == [6, 7, 6]
    put(shop, "whole", None, here, manifest=SAMPLE)
    assert value(shop, "whole", here) == 6
    put(shop, "whole", None, manifest=SAMPLE)
    assert (value(shop, "whole"), shop.count(SettingRow)) == (5, 0)


def test_a_setting_holds_in_every_process_at_once(shop: Shop, tmp_path: Path) -> None:
    other = another_process(shop, tmp_path)
    shop.send(sale("1", 10000, member=1))
    assert other.send(paid("2", 0, points=5, member=1)).status == 201

    put(shop, "pay_with_points", False, shop.stores[0])

    assert other.send(paid("3", 0, points=5, member=1)).reason_code == "points_not_accepted"
    assert other.send(paid("3", 0, points=5, member=1, till="T21"), till="T21").status == 201
    other.close()


@pytest.mark.parametrize("name", ["flag", "words", "one", "whole", "money"])
def test_every_kind_comes_back_as_it_went_in(shop: Shop, name: str) -> None:
    said = {"flag": False, "words": "乌龙茶 'x'", "one": "b", "whole": 10, "money": -(10**15)}[name]
    put(shop, name, said, manifest=SAMPLE)

    assert value(shop, name) == said
    assert type(value(shop, name)) is type(said)


def test_what_a_setting_does_not_allow_is_refused(shop: Shop) -> None:
    wrong = {
        "whole": (True, "5", 5.0, -1, 11),
        "money": (True, 10**15 + 1, "1"),
        "flag": (1, "yes"),
        "words": (1,),
        "one": ("c", 1),
    }
    for name, values in wrong.items():
        for said in values:
            with pytest.raises(Invalid):
                put(shop, name, said, manifest=SAMPLE)
    with pytest.raises(NotFound):
        put(shop, "nothing", 1, manifest=SAMPLE)
    assert shop.count(SettingRow) == 0


# --- the directory ------------------------------------------------------------------------------------------------


def test_nothing_is_read_again_while_nothing_changed(shop: Shop) -> None:
    first = directory.get(shop.database)
    assert directory.get(shop.database) is first
    shop.send(sale("1", 1000, member=1))
    assert directory.get(shop.database) is first

    shop.enrol(1)
    assert directory.get(shop.database) is first
    shop.switch("loyalty", False)
    assert directory.get(shop.database) is not first


def test_a_revoked_till_and_a_closed_store_are_known_everywhere(shop: Shop, tmp_path: Path) -> None:
    other = another_process(shop, tmp_path)
    assert other.send(sale("1", 100)).status == 201
    with shop.work() as uow:
        revoke_till(uow, till_id=shop.tills["T01"])
        close_store(uow, store_id=shop.stores[1])

    assert other.send(sale("2", 100)).reason_code == "unauthorized"
    assert other.send(sale("2", 100, till="T21"), till="T21").reason_code == "store_closed"
    assert other.send(sale("2", 100, till="T02"), till="T02").status == 201
    assert list(directory.get(other.database).till_by_token.values()) == [other.till("T02"), other.till("T21")]
    other.close()
