"""Open the counter for a batch: the plugins' bulk reads, and everything the decisions share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from core import clock, db
from core.checkout.context import Context
from core.checkout.decide import Counter
from core.errors import AtriumError, BrokenPlugin
from core.house import House
from core.reading import Read
from core.types import Visit


def open_counter(
    house: House,
    context: Context,
    *,
    connection: Connection,
    visits: Sequence[Visit],
    distrusted: frozenset[str] = frozenset(),
) -> Counter:
    """Ask every enabled plugin once for the facts of all visits (all of one store).

    `distrusted` are plugins whose proposals for these very visits could not be written.
    """
    mall, store = visits[0].mall, visits[0].store
    enabled = house.host.enabled_in(mall.id, store.id, known=context.known)
    own: dict[str, Mapping[int, Any]] = {}
    failed = set(distrusted)
    read = Read(connection, context.stamps, house.database.memory)
    for bell in house.host.bells("receipt_facts", enabled):
        try:
            with db.deciding():
                own[bell.plugin] = house.host.ring(bell, {"visits": tuple(visits), "read": read}, read=_by_receipt)
        except AtriumError:
            # Without its facts a plugin cannot decide: its tenders are refused and its rewards come later.
            failed.add(bell.plugin)
    return Counter(
        host=house.host,
        known=context.known,
        enabled=enabled,
        blind=frozenset(failed),
        now=clock.now(),
        today=clock.today(mall.zone),
        balances=dict(context.balances),
        own=own,
        tripped=house.host.tripped_in(mall.id, store.id, known=context.known),
        owed=context.owed,
    )


def _by_receipt(facts: Any) -> dict[int, Any]:
    if not isinstance(facts, Mapping):
        raise BrokenPlugin(because=f"returned {type(facts).__name__}")
    return dict(facts)
