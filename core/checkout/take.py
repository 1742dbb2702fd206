"""Take receipts: one read trip, the plugins' bulk reads, pure decisions, one conditional write. One is a batch of one.

A batch is taken in waves. Receipts that rest on one another (a return of a sale in the same batch, two that claim the
same lot, one that pays with what the member earns by another) go into different waves. When someone was faster, the
wave is taken again one by one, each at most three times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core import db, directory, reading
from core.checkout import answer, door, quotes
from core.checkout.compose import Composer
from core.checkout.context import Arrival, Context, gather
from core.checkout.counter import open_counter
from core.checkout.decide import PAID_BY_PLUGIN, Counter, Decision
from core.checkout.visits import Visitor
from core.errors import AtriumError, BrokenPlugin, Conflict, Miss, NotEnough
from core.house import House
from core.ledger.accounts import Accounts
from core.ledger.write import FLOOR, commit
from core.types import Answer, MemberRef, Receipt, ReceiptKey, TillFacts, Visit

TRIES = 3
Result = Answer | AtriumError


@dataclass
class _Task:
    """An arrival on its way: its place in the batch, and how often someone was faster.

    When it cannot be written with all that plugins propose, it is decided again without one of them at a time:
    `refusal` says why, `suspects` are still to be tried, `distrusted` is not asked now.
    """

    place: int
    arrival: Arrival
    alone: bool = False
    misses: int = 0
    refusal: AtriumError | None = None
    suspects: list[str] = field(default_factory=list)
    distrusted: frozenset[str] = frozenset()


@dataclass
class _Wave:
    """What is decided together and written together."""

    composer: Composer
    answers: list[tuple[_Task, str]] = field(default_factory=list)
    keys: set[Any] = field(default_factory=set)
    claimed: set[tuple[str, int]] = field(default_factory=set)
    members: set[int] = field(default_factory=set)

    def must_wait(self, visit: Visit) -> bool:
        """Whether the receipt rests on one of this wave: on its goods, or on rows that it is only going to write."""
        receipt, member = visit.receipt, visit.member
        if {receipt.key, receipt.original} & self.keys:
            return True
        return _takes(receipt) and member is not None and member.id in self.members

    def include(self, visit: Visit, decision: Decision) -> None:
        """Remember what this receipt has taken."""
        self.claimed |= decision.claimed
        self.keys |= {visit.receipt.key, *([visit.receipt.original] if visit.receipt.original else [])}
        self.members |= {visit.member.id} if visit.member else set()


def _takes(receipt: Receipt) -> bool:
    """Whether the receipt takes something that another may have given or taken in the same moment."""
    return receipt.original is not None or any(tender.type in PAID_BY_PLUGIN for tender in receipt.tenders)


def _together(queue: list[_Task]) -> tuple[list[_Task], list[_Task]]:
    """What is decided next, and what comes after it: those that would only wait need not be read for."""
    if queue[0].alone:
        return queue[:1], queue[1:]
    now: list[_Task] = []
    later: list[_Task] = []
    members: set[MemberRef] = set()
    for task in queue:
        receipt = task.arrival.receipt
        waits = task.alone or (_takes(receipt) and receipt.member in members)
        (later if waits else now).append(task)
        members |= {receipt.member} if receipt.member else set()
    return now, later


def take(house: House, till: TillFacts, *, arrivals: Sequence[Arrival], door: bool = True) -> list[Result]:
    """Book receipts of one till; one result each, in order: an `Answer`, or the refusal.

    With `door=False` (imports, simulations) the till's clock, code and state are not checked, the sums always are.
    """
    return _Taking(house, till, strict=door).run(arrivals)


class _Taking:
    def __init__(self, house: House, till: TillFacts, *, strict: bool) -> None:
        self._house, self._till, self._strict = house, till, strict
        self._results: dict[int, Result] = {}
        self._to_come: dict[ReceiptKey | None, set[int]] = {}

    def run(self, arrivals: Sequence[Arrival]) -> list[Result]:
        for place, receipt in enumerate(arrival.receipt for arrival in arrivals):
            if receipt.kind == "sale":
                self._to_come.setdefault(receipt.key, set()).add(place)
        queue = [task for place, arrival in enumerate(arrivals) if self._admit(task := _Task(place, arrival))]
        while queue:
            batch, queue = _together(queue)
            wave, waiting = self._decide(batch)
            queue = [*self._write(wave), *queue, *waiting]
        return [self._results[place] for place in range(len(arrivals))]

    def _admit(self, task: _Task) -> bool:
        known = directory.remembered(self._house.database)
        mall, store = known.malls[self._till.mall_id], known.stores[self._till.store_id]
        try:
            door.check(task.arrival.receipt, mall=mall)
            if self._strict:
                door.check_till(task.arrival.receipt, till=self._till, mall=mall, store=store)
        except AtriumError as refusal:
            self._results[task.place] = refusal
            return False
        return True

    def _decide(self, batch: list[_Task]) -> tuple[_Wave | None, list[_Task]]:
        """Decide as many as can be written together; the others wait for the next wave."""
        house = self._house
        with reading.reader(house.database) as connection:
            context = gather(house, connection, till=self._till, receipts=[task.arrival.receipt for task in batch])
            visits, unsold = self._visits(batch, context)
            if not visits:
                return None, unsold
            distrusted = batch[0].distrusted if len(batch) == 1 else frozenset()
            counter = open_counter(
                house, context, connection=connection, visits=list(visits.values()), distrusted=distrusted
            )
        accounts = Accounts(house.database, self._till.mall_id, context.account_ids)
        wave = _Wave(Composer(f"till:{self._till.code}", self._till.id, accounts, counter.now))
        wave.composer.booking.stamps = context.stamp_sum
        with db.deciding():
            decided, waiting = self._wave(
                counter, wave, batch=[task for task in batch if task.place in visits], visits=visits
            )
        accounts.prepare(
            ref
            for _task, decision in decided
            for p in decision.transfers
            for ref in (p.transfer.source, p.transfer.target)
        )
        for task, decision in decided:
            text = answer.text_of(answer.build(decision))
            wave.composer.add(decision, task.arrival, answer=text)
            wave.answers.append((task, text))
        return wave, [*waiting, *unsold]

    def _visits(self, batch: list[_Task], context: Context) -> tuple[dict[int, Visit], list[_Task]]:
        """Those to be decided, by place, and those whose sale is still to come in the same batch."""
        visitor = Visitor(self._house, self._till, context, strict=self._strict)
        visits: dict[int, Visit] = {}
        unsold: list[_Task] = []
        for task in batch:
            original = task.arrival.receipt.original
            if original not in context.originals and self._to_come.get(original, set()) - self._results.keys():
                unsold.append(task)
                continue
            try:
                found = visitor.receive(task.arrival)
            except AtriumError as refusal:
                self._results[task.place] = refusal
            else:
                if isinstance(found, Visit):
                    visits[task.place] = found
                else:
                    self._results[task.place] = found
        return visits, unsold

    def _wave(
        self, counter: Counter, wave: _Wave, *, batch: list[_Task], visits: dict[int, Visit]
    ) -> tuple[list[tuple[_Task, Decision]], list[_Task]]:
        decided: list[tuple[_Task, Decision]] = []
        waiting: list[_Task] = []
        for task in batch:
            visit, before = visits[task.place], counter.mark()
            try:
                decision = None if wave.must_wait(visit) else counter.decide(visit)
                if decision is not None:
                    quotes.compare(self._house.vault, decision)
            except AtriumError as refusal:
                counter.restore(before)
                waiting += self._refuse(task, refusal)
                continue
            if decision is None or decision.claimed & wave.claimed:
                counter.restore(before)
                waiting.append(task)
                continue
            wave.include(visit, decision)
            decided.append((task, decision))
        return decided, waiting

    def _write(self, wave: _Wave | None) -> list[_Task]:
        """Write the wave; returns those that must be taken again."""
        if wave is None or not wave.answers:
            return []
        tasks = [task for task, _text in wave.answers]
        try:
            commit(self._house.database, wave.composer.booking)
        except Miss as miss:
            refusal = NotEnough() if FLOOR in str(miss) else Conflict()
            return self._again(tasks, refusal, writers=wave.composer.writers)
        except BrokenPlugin as broken:
            return self._again(tasks, broken, writers=wave.composer.writers)
        for task, text in wave.answers:
            self._results[task.place] = Answer(201, text)
            if isinstance(task.refusal, BrokenPlugin):  # and without this one it went through
                for plugin in task.distrusted:
                    self._house.host.blame(plugin, "write", because=str(task.refusal.facts.get("because", "")))
        return []

    def _again(self, tasks: list[_Task], refusal: AtriumError, *, writers: set[str]) -> list[_Task]:
        """Nothing was written: one by one from now on, and one that keeps failing without the plugins that write."""
        for task in tasks:
            task.alone = True
        if len(tasks) > 1:
            return tasks
        (task,) = tasks
        task.misses += 1
        if isinstance(refusal, Conflict | NotEnough) and task.misses < TRIES:
            return tasks
        if task.refusal is None:
            task.suspects = sorted(writers)
        return self._refuse(task, refusal)

    def _refuse(self, task: _Task, refusal: AtriumError) -> list[_Task]:
        """Answer with the refusal, the first one where there were several; but first try the next suspect, if any."""
        task.refusal = task.refusal or refusal
        if not task.suspects:
            self._results[task.place] = task.refusal
            return []
        task.distrusted, task.misses = frozenset({task.suspects.pop(0)}), 0
        return [task]
