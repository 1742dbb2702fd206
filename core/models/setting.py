"""Switches, settings, and the stamps by which every process notices that they changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Id, Model, Moment, row_id
from core.scope import MallScoped


class PluginSwitch(MallScoped, Model):
    """A plugin is on or off in a mall (`store_id` 0) or in one store, which otherwise follows its mall."""

    __tablename__ = "core_plugin_switch"
    __stamp__ = "switches"
    __table_args__ = (UniqueConstraint("plugin", "mall_id", "store_id", name="uq_core_plugin_switch"),)

    id: Mapped[int] = row_id()
    plugin: Mapped[str] = mapped_column(String(30))
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    store_id: Mapped[int] = mapped_column(Id, default=0)
    is_on: Mapped[bool]
    changed_by: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[datetime] = mapped_column(Moment)


class PluginState(Model):
    """How a plugin fares: faults running, and whether it was tripped until a person lets it back."""

    __tablename__ = "core_plugin_state"
    __stamp__ = "switches"

    plugin: Mapped[str] = mapped_column(String(30), primary_key=True)
    tripped_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(String(400), default="")
    skip_offers: Mapped[bool] = mapped_column(default=False)
    """At a quote: leave this plugin's offers out when it fails, instead of refusing the quote."""


class SettingRow(MallScoped, Model):
    """The value of one setting in a mall (`store_id` 0) or a store, as JSON; absent means the default."""

    __tablename__ = "core_setting"
    __stamp__ = "settings"
    __table_args__ = (UniqueConstraint("plugin", "name", "mall_id", "store_id", name="uq_core_setting"),)

    id: Mapped[int] = row_id()
    plugin: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    store_id: Mapped[int] = mapped_column(Id, default=0)
    value: Mapped[str] = mapped_column(Text)


class Stamp(Model):
    """The version of something that processes remember (switches, settings, a plugin's rules). Raised on change."""

    __tablename__ = "core_stamp"
    __audited__ = False

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(Id)


class Sequence(Model):
    """Where the next block of numbers begins, for ids drawn before a write and for codes that are never reused."""

    __tablename__ = "core_sequence"
    __audited__ = False
    __table_args__ = (CheckConstraint("next_value < 9007199254740992", name="ck_core_sequence_53_bits"),)

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    next_value: Mapped[int] = mapped_column(Id)
