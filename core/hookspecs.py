"""Every hook, in the order in which it is called: the contract between the core and its plugins.

A plugin implements a hook as a function of the same name in its `hooks.py`, marked `@hookimpl`, taking any of the
arguments named here. Receipt hooks are pure: frozen facts in, proposals out; they read no database, no clock and no
network, and whatever they want written they state as data. The core checks, books once, and answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from click import Command
    from flask import Blueprint

    from core.admin.base import AdminEntry
    from core.db import UnitOfWork
    from core.events import Event
    from core.jobs import Job
    from core.reading import Read
    from core.reports import Report
    from core.types import Facts, Offer, StoreFacts, Tell, Transfer, Visit

PROJECT = "atrium"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


# --- boot: once per process, whatever is switched on ------------------------------------------------------------


@hookspec
def admin_views() -> Iterable[AdminEntry]:
    """The plugin's screens, each with its menu label; mounted at boot, shown only where the plugin is on."""
    raise NotImplementedError


@hookspec
def api_blueprints() -> Iterable[Blueprint]:
    """The plugin's HTTP endpoints, under `/api/v1/`; the gate answers 404 where the plugin is off."""
    raise NotImplementedError


@hookspec
def cli_commands() -> Iterable[Command]:
    """Commands for `python app.py`."""
    raise NotImplementedError


@hookspec
def jobs() -> Iterable[Job]:
    """Periodic work: a name, a crontab, a function that is called once per mall and once only, wherever workers run."""
    raise NotImplementedError


@hookspec
def reports() -> Iterable[Report]:
    """The plugin's reports and statements, each described once; shown, printed and sent where the plugin is on."""
    raise NotImplementedError


# --- switch -----------------------------------------------------------------------------------------------------


@hookspec
def store_enabled(store: StoreFacts, uow: UnitOfWork) -> None:
    """The plugin was just switched on for the store: make what it needs there. Same transaction as the switch."""


@hookspec
def store_disabled(store: StoreFacts, uow: UnitOfWork) -> None:
    """The plugin was just switched off for the store: stop what runs, keep all data."""


# --- a receipt, in order ----------------------------------------------------------------------------------------


@hookspec
def receipt_facts(visits: tuple[Visit, ...], read: Read) -> Mapping[int, Any]:
    """Read what the plugin's rules need, for all receipts at once: receipt id → a frozen value of the plugin's own.

    Called once per batch, on a connection that cannot write. A receipt that is not in the answer gets `None`.
    """
    raise NotImplementedError


@hookspec
def receipt_offers(facts: Facts) -> Iterable[Offer]:
    """Propose discounts for a basket that is being priced. Pure. An exception refuses a quote, never a receipt."""
    raise NotImplementedError


@hookspec
def receipt_tenders(facts: Facts) -> Iterable[Transfer | Tell]:
    """Answer for the tenders that are this plugin's (points, gift card): one transfer each, or raise `Refused`.

    Pure. A tender that no plugin answers for and that is not money of the till's own is refused.
    Fails closed: an exception refuses the receipt and names the plugin.
    """
    raise NotImplementedError


@hookspec
def receipt_rewards(facts: Facts) -> Iterable[Transfer | Tell]:
    """Propose what a sale gives (points). Pure. Fails open: the sale stands and the reward is tried again later."""
    raise NotImplementedError


@hookspec
def receipt_returned(facts: Facts) -> Iterable[Transfer | Tell]:
    """Propose what a return or void takes back and gives back, at the rules of the sale. Pure. Fails open."""
    raise NotImplementedError


@hookspec
def receipt_member(facts: Facts) -> Iterable[Tell]:
    """What the till shows of the member (tier, usable points, coupons), after booking or at a look-up. Pure."""
    raise NotImplementedError


@hookspec
def receipt_committed(receipt_id: int, uow: UnitOfWork) -> None:
    """A receipt was booked. Called from the outbox in a transaction of its own, retried until it succeeds."""


@hookspec
def event_recorded(event: Event, uow: UnitOfWork) -> None:
    """Something other than a receipt happened (a member joined, an entry expired). From the outbox, retried."""


# --- people -----------------------------------------------------------------------------------------------------


@hookspec
def member_panels(member_id: int, uow: UnitOfWork) -> Iterable[Mapping[str, Any]]:
    """Panels for the member's page: title, rows of label and value, order."""
    raise NotImplementedError


# --- checks -----------------------------------------------------------------------------------------------------


@hookspec
def store_left_behind(store: StoreFacts, uow: UnitOfWork) -> Iterable[Any]:
    """What stays behind when the plugin is switched off for the store, as sentences ("1,240 live cards")."""
    raise NotImplementedError


@hookspec
def books_totals(uow: UnitOfWork) -> Mapping[str, int]:
    """The plugin's totals for `books` (integers over the whole database), recomputed from the ledger."""
    raise NotImplementedError
