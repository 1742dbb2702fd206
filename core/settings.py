"""Typed settings of plugins, per mall with an own value per store where needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from core import directory
from core.db import UnitOfWork
from core.directory import Directory
from core.errors import Invalid, NotFound
from core.i18n import _
from core.manifest import Manifest, Setting
from core.models.setting import SettingRow
from core.types import LIMIT, Place


def of(known: Directory, *, manifest: Manifest, mall_id: int, store_id: int = 0) -> Mapping[str, Any]:
    """The plugin's settings as they hold for the store: its own, else the mall's, else the default."""
    place = ("settings", manifest.name, mall_id, store_id)
    if place not in known.worked_out:
        known.worked_out[place] = MappingProxyType(
            {
                setting.name: _value(known, setting, plugin=manifest.name, place=Place(mall_id, store_id))
                for setting in manifest.settings
            }
        )
    found: Mapping[str, Any] = known.worked_out[place]
    return found


def _value(known: Directory, setting: Setting, *, plugin: str, place: Place) -> Any:
    mall_id, store_id = place
    for where in (store_id, 0):
        if (plugin, setting.name, mall_id, where) in known.values:
            return known.values[plugin, setting.name, mall_id, where]
    return setting.default


def put(uow: UnitOfWork, *, manifest: Manifest, name: str, place: Place, value: Any) -> None:
    """Set one setting, or with `value=None` let it follow the mall, or the default, again. Audited with old and new."""
    setting = next((s for s in manifest.settings if s.name == name), None)
    if setting is None:
        raise NotFound(_("The module %(plugin)s has no setting %(name)s.", plugin=manifest.name, name=name))
    where = {"plugin": manifest.name, "name": name, **place._asdict()}
    row = uow.session.scalar(select(SettingRow).filter_by(**where))
    if value is None:
        if row is not None:
            uow.session.delete(row)
        return
    check(setting, value)
    if row is None:
        row = SettingRow(**where)
        uow.session.add(row)
    row.value = json.dumps(value, ensure_ascii=False)


def check(setting: Setting, value: Any) -> None:
    """Refuse a value that the setting's type or bounds do not allow."""
    kinds: dict[str, type] = {"bool": bool, "int": int, "money": int, "text": str, "choice": str}
    fits = type(value) is kinds[setting.type]  # not isinstance: True is an int
    if not fits:
        raise Invalid(_("%(title)s has a value of the wrong kind.", title=setting.title))
    if setting.type in ("int", "money"):
        low = -LIMIT if setting.minimum is None else setting.minimum
        high = LIMIT if setting.maximum is None else setting.maximum
        if not low <= value <= high:
            sentence = _("%(title)s must be between %(low)s and %(high)s.", title=setting.title, low=low, high=high)
            raise Invalid(sentence)
    if setting.type == "choice" and value not in dict(setting.choices):
        raise Invalid(_("%(title)s has no such choice.", title=setting.title))


def current(uow: UnitOfWork, *, manifest: Manifest, mall_id: int, store_id: int = 0) -> Mapping[str, Any]:
    """The settings in force, for a service inside a unit of work."""
    return of(directory.get(uow.database), manifest=manifest, mall_id=mall_id, store_id=store_id)
