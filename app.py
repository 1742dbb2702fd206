"""Atrium: the web application, and the command line (`python app.py …`)."""

from __future__ import annotations

from flask import Flask

from core import admin, api, audit, safety
from core.api import gate
from core.config import Config
from core.house import House, open_house
from core.transport import Transport


def create_app(config: Config | None = None) -> Flask:
    """Open the house and put the web on it: screens, then the tills' API, then the gate in front of both."""
    config = config or Config.load()
    house = open_house(config)
    safety.check_database(house.database)
    return build(house)


def build(house: House) -> Flask:
    """The web application of a house that is open."""
    app = admin.new_app()
    app.config.from_mapping(house.config.to_flask())
    audit.install(house.database)
    admin.build(app, house)
    api.install(app, house)
    gate.install(app, house)
    app.wsgi_app = Transport(app.wsgi_app, trusted=house.config.trusted_proxies)  # type: ignore[method-assign]
    return app


if __name__ == "__main__":
    from core.cli import main

    main(create_app)
