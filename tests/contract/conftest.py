"""Brings the contract's own pytest plugin, for a run that did not name it."""

import pytest

PLUGIN = "tests.contract.plugin"


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin(PLUGIN):
        config.pluginmanager.import_plugin(PLUGIN)
