"""Stores, tills, products, modules, settings, users: what people do with them, end to end."""

from __future__ import annotations

from core.models import Barcode, Category, PluginSwitch, Product, SettingRow, Store, Till
from tests.support.office import PASSWORD, Browser, Office


def send(browser: Browser, path: str, **data: object) -> str:
    """Open a form, then send it; the page that answers."""
    browser.get(path)
    return browser.post(path, dict(data), follow_redirects=True).text


def test_a_store_is_opened_closed_and_opened_again(office: Office) -> None:
    browser = office.browser("admin")
    facts = {"name": "Tea house", "kind": "partner", "cooperation": "lease", "settlement": "monthly"}
    assert "This is needed" in send(browser, "/stores/add", **facts | {"name": ""})
    assert "A name is needed" in send(browser, "/stores/add", **facts | {"name": " "})
    page = send(browser, "/stores/add", **facts)
    store = office.find(Store, name="Tea house")
    assert f"{store.code} Tea house" in page
    assert "Tenant" in page
    browser.post("/stores/do/close", {"rowid": store.id, "sure": "yes"})
    assert office.find(Store, id=store.id).state == "closed"
    assert "Open again" in browser.get(f"/stores/show/{store.id}").text
    browser.post("/stores/do/reopen", {"rowid": store.id})
    assert office.find(Store, id=store.id).state == "open"
    assert browser.get(f"/stores/delete/{store.id}").status_code == 404
    assert [row.action for row in office.trail(record="core_store", record_id=str(store.id))] == [
        "changed",
        "changed",
        "added",
    ]


def test_a_till_shows_its_key_once_and_loses_it_at_once(office: Office) -> None:
    browser = office.browser("manager")
    page = send(browser, "/tills/add", code="T50", model="M1")
    till = office.find(Till, code="T50")
    key = page.partition('shown-once">')[2].partition("<")[0]
    assert key.startswith("till_")
    assert key not in browser.get(f"/tills/show/{till.id}").text
    used = office.app.test_client().post("/api/v1/pos/heartbeat", json={}, headers={"Authorization": f"Bearer {key}"})
    assert used.status_code != 401
    assert "has a till T50 already" in send(browser, "/tills/add", code="T50", model="")
    asked = browser.post("/tills/do/revoke", {"rowid": till.id})
    assert "End the key?" in asked.text
    assert office.find(Till, id=till.id).state == "active"
    browser.post("/tills/do/revoke", {"rowid": till.id, "sure": "yes"})
    assert office.find(Till, id=till.id).state == "revoked"
    again = office.app.test_client().post("/api/v1/pos/heartbeat", json={}, headers={"Authorization": f"Bearer {key}"})
    assert again.status_code == 401
    issued = browser.post("/tills/do/issue", {"rowid": till.id, "sure": "yes"}).text
    assert "till_" in issued
    assert key not in issued


def test_a_product_with_price_categories_and_barcodes(office: Office) -> None:
    browser = office.browser("admin")
    send(browser, "/categories/add", code="food", name="Food", parent_id="")
    food = office.find(Category, code="food")
    send(browser, "/categories/add", code="tea", name="Tea", parent_id=food.id)
    tea = office.find(Category, code="tea")
    assert tea.path == f"{food.id}/{tea.id}/"
    facts = {"sku": "S-1", "name": "Green tea", "price": "1,234.50", "on_shelf": "y", "in_categories": tea.id}
    page = send(browser, "/products/add", **facts)
    product = office.find(Product, sku="S-1")
    assert (product.price, product.on_shelf, product.brand) == (123450, True, "")
    assert "¥1,234.50" in page
    assert "Tea" in page
    assert "a product with this SKU already" in send(browser, "/products/add", **facts)
    for price in ("12.345", "1e5", "１２", "-", "999999999999999999"):
        assert office.find(Product, name=f"p {price}") is None
        assert "1234.50" in send(browser, "/products/add", **facts | {"sku": f"S{price}", "price": price}), price
    send(browser, "/barcodes/add", sku="S-1", code="6901234567892")
    assert office.find(Barcode, code="6901234567892").product_id == product.id
    assert "no product with this SKU" in send(browser, "/barcodes/add", sku="S-9", code="1")
    assert "belongs to a product already" in send(browser, "/barcodes/add", sku="S-1", code="6901234567892")
    refused = browser.post(f"/categories/delete/{tea.id}", follow_redirects=True)
    assert refused.status_code == 409
    assert "still stand in it" in refused.text
    asked = browser.get(f"/products/delete/{product.id}").text
    assert "Delete “S-1 Green tea”?" in asked
    browser.post(f"/products/delete/{product.id}")
    assert office.find(Product, sku="S-1") is None
    assert office.find(Barcode, code="6901234567892") is None


def test_moving_a_category_moves_its_branch(office: Office) -> None:
    browser = office.browser("admin")
    ids: dict[str, int] = {}
    for code, parent in (("a", ""), ("b", "a"), ("c", "b"), ("d", "")):
        send(browser, "/categories/add", code=f"m-{code}", name=code, parent_id=ids.get(parent, ""))
        ids[code] = office.find(Category, code=f"m-{code}").id
    send(browser, f"/categories/edit/{ids['b']}", name="b", parent_id=ids["d"])
    assert office.find(Category, code="m-c").path == f"{ids['d']}/{ids['b']}/{ids['c']}/"
    assert "cannot stand under itself" in send(
        browser, f"/categories/edit/{ids['d']}", name="d", parent_id=str(ids["c"])
    )


def test_a_module_is_switched_off_for_a_store_and_on_again(office: Office) -> None:
    browser, mall, store = office.browser("admin"), office.town.mall_id, office.stores["A"]
    switch = {"plugin": "loyalty", "place": f"{mall}:{store}"}
    browser.get("/modules/")
    asked = browser.post("/modules/switch", switch | {"to": "off"})
    assert "Switch off" in asked.text
    assert "Keep it on" in asked.text
    assert office.find(PluginSwitch, plugin="loyalty") is None
    browser.post("/modules/switch", switch | {"to": "off", "sure": "yes"})
    assert office.find(PluginSwitch, plugin="loyalty", store_id=store).is_on is False
    host = office.town.house.host
    assert "loyalty" not in host.enabled_in(mall, store)
    assert "loyalty" in host.enabled_in(mall, office.stores["B"])
    (row,) = office.trail(record="core_plugin_switch", action="added")
    assert row.actor == "user:admin"
    browser.post("/modules/switch", switch | {"to": "follow"})
    assert "loyalty" in host.enabled_in(mall, store)
    assert browser.post("/modules/switch", switch | {"to": "sideways"}).status_code == 400
    assert browser.post("/modules/switch", {"plugin": "x", "place": f"{mall}:0", "to": "on"}).status_code == 404
    assert browser.post("/modules/switch", {"plugin": "loyalty", "place": "99:0", "to": "on"}).status_code == 404


def test_a_tripped_module_is_let_back_by_a_person(office: Office) -> None:
    from core import enablement

    with office.town.work() as uow:
        enablement.trip(uow, plugin="loyalty", reason="raised three times")
    browser = office.browser("admin")
    assert "raised three times" in browser.get("/").text
    assert "Out of service" in browser.get("/modules/").text
    browser.post("/modules/let_back", {"plugin": "loyalty"})
    assert "Out of service" not in browser.get("/modules/").text


def test_settings_are_typed_and_per_place(office: Office) -> None:
    browser = office.browser("admin")
    manifest = office.town.house.host.plugins["loyalty"].manifest
    assert manifest is not None
    setting = next(one for one in manifest.settings if one.type == "int")
    fine = {one.name: one.default for one in manifest.settings if one.type != "bool"}
    ticked = {one.name: "y" for one in manifest.settings if one.type == "bool" and one.default}
    page = send(browser, "/settings/edit/loyalty", **fine | ticked | {setting.name: "many"})
    assert 'aria-invalid="true"' in page
    page = send(browser, "/settings/edit/loyalty", **fine | ticked | {setting.name: 10**9})
    assert "must be between" in page
    assert office.find(SettingRow, plugin="loyalty") is None
    send(browser, "/settings/edit/loyalty", **fine | ticked | {setting.name: setting.default + 1})
    row = office.find(SettingRow, plugin="loyalty")
    assert (row.name, row.store_id, row.value) == (setting.name, 0, str(setting.default + 1))
    browser.post("/settings/follow/loyalty")
    assert office.find(SettingRow, plugin="loyalty") is None


def test_a_user_is_added_changed_barred_and_given_a_new_password(office: Office) -> None:
    browser, mall, store = office.browser("admin"), office.town.mall_id, office.stores["A"]
    facts = {"username": "dora", "first_name": "Dora", "role_names": ["cashier"], "places": [f"{mall}:{store}"]}
    assert "at least 12" in send(browser, "/users/add", **facts | {"password": "short"})
    page = send(browser, "/users/add", **facts | {"password": PASSWORD})
    user = office.find_user("dora")
    assert "Cashier and service desk" in page
    assert "Store A" in page
    assert office.browser("dora").get("/").status_code == 200
    send(browser, f"/users/edit/{user}", first_name="Dora", role_names=["finance"], places=[f"{mall}:0"])
    assert office.browser("dora").get("/entries/list/").status_code == 200
    refused = send(browser, f"/users/edit/{user}", first_name="Dora", role_names=["finance"], places=["99:0"])
    assert "not a valid choice" in refused
    renewed = browser.post("/users/do/renew", {"rowid": user, "sure": "yes"}).text
    password = renewed.partition('shown-once">')[2].partition("<")[0]
    assert office.browser("dora").get("/").status_code == 302
    fresh = office.browser()
    assert fresh.sign_in("dora", password).get("/").status_code == 200
    assert (
        "Nobody bars themselves"
        in browser.post("/users/do/bar", {"rowid": office.find_user("admin"), "sure": "yes", "reason": "x"}).text
    )


def test_whoever_works_in_one_store_gives_nobody_more(office: Office) -> None:
    from core import auth

    with office.town.work() as uow:
        auth.set_roles(uow, user_id=office.find_user("manager"), roles=["administrator"])
    browser, mall = office.browser("manager"), office.town.mall_id
    page = browser.get("/users/add").text
    assert "all stores" not in page
    facts = {"username": "eve", "first_name": "", "password": PASSWORD, "role_names": ["administrator"]}
    send(browser, "/users/add", **facts | {"places": [f"{mall}:0"]})
    assert office.browser("eve").get("/").status_code == 302
