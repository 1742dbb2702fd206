"""The decision about one receipt: ask the plugins, check what they propose, add it up. Pure but for calling them.

Nothing is locked and nobody can open a session while this runs, so a plugin that is slow or fails costs one receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from core import settings
from core.checkout import door, pricing, proposals
from core.checkout.pricing import Applied
from core.directory import Directory
from core.errors import AtriumError, BrokenPlugin, NotEnough, Refused
from core.host import Bell, Host
from core.i18n import _
from core.ledger.booking import Booking
from core.types import AccountRef, Claim, Facts, Offer, Receipt, Tell, Transfer, Visit

PAID_BY_PLUGIN = frozenset({"points", "gift_card", "coupon"})
"""Tenders that are not the till's own money: some plugin must answer for each, or the receipt is refused."""


Mark = tuple[dict[AccountRef, int], dict[tuple[str, int], tuple[Transfer, ...]]]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A transfer and who proposed it."""

    plugin: str
    transfer: Transfer


@dataclass
class Decision:
    """What will be booked and answered for one receipt."""

    visit: Visit
    receipt: Receipt
    offers: tuple[Applied, ...] = ()
    transfers: list[Proposed] = field(default_factory=list)
    tells: list[Tell] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @property
    def claims(self) -> list[Claim]:
        """The changes of plugins' rows that this decision makes."""
        applied = [claim for item in self.offers if item.amount for claim in item.offer.claims]
        return [*applied, *(claim for proposed in self.transfers for claim in proposed.transfer.claims)]

    @property
    def claimed(self) -> set[tuple[str, int]]:
        """The rows that these are."""
        return {(claim.table, claim.key) for claim in self.claims}


@dataclass
class Counter:
    """Where decisions are taken: one store at one moment. `balances` move on from receipt to receipt of a batch."""

    host: Host
    known: Directory
    enabled: frozenset[str]
    now: datetime
    today: date
    balances: dict[AccountRef, int]
    own: Mapping[str, Mapping[int, Any]]
    blind: frozenset[str] = frozenset()
    """Plugins whose facts could not be read: they cannot decide anything here."""
    tripped: frozenset[str] = frozenset()
    """Plugins that are out of service: what they would give is given when they are back."""
    owed: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """By sale, the plugins whose rewards for it are still to come."""
    accepted: dict[tuple[str, int], tuple[Transfer, ...]] = field(default_factory=dict)
    """By plugin and member, what is decided and not written yet."""

    def mark(self) -> Mark:
        """Where things stand now, to come back to."""
        return dict(self.balances), dict(self.accepted)

    def restore(self, mark: Mark) -> None:
        """Go back to where things stood: the last receipt is not to be booked."""
        self.balances, self.accepted = dict(mark[0]), dict(mark[1])

    def decide(self, visit: Visit, *, pricing_only: bool = False) -> Decision:
        """Decide a receipt (or a quote, with `pricing_only`): offers, tenders, rewards, and what the till is told."""
        decision = Decision(visit, visit.receipt)
        self._offers(decision, quoted=pricing_only or visit.receipt.quote is not None)
        if pricing_only:
            self._tell(decision)  # first, since what the purchase is going to give cannot pay for it
            self.reward(decision)
        else:
            self._tenders(decision)
            self.reward(decision)
            self._tell(decision)
        return decision

    def show(self, visit: Visit) -> Decision:
        """Only what a till is told of a member."""
        decision = Decision(visit, visit.receipt)
        self._tell(decision)
        return decision

    def _offers(self, decision: Decision, *, quoted: bool) -> None:
        if decision.receipt.kind != "sale":
            return
        found: list[tuple[str, Offer]] = []
        for bell in self._bells("receipt_offers"):
            try:
                found += [(bell.plugin, offer) for offer in self._ask(bell, decision, Offer)]
            except AtriumError:
                if quoted and bell.plugin not in self.known.skips_offers:
                    raise
                decision.skipped.append(bell.plugin)
        decision.skipped += [bell.plugin for bell in self.host.bells("receipt_offers", self.tripped)]
        if not found:
            return
        priced, decision.offers = pricing.apply(decision.receipt.lines, found)
        if quoted:
            total = sum(line.amount for line in priced) + decision.receipt.tax
            decision.receipt = replace(decision.receipt, lines=priced, total=total)

    def _tenders(self, decision: Decision) -> None:
        receipt = decision.receipt
        if receipt.quote is not None:
            door.check_tenders(receipt, due=receipt.total)
        waiting = {i for i, tender in enumerate(receipt.tenders) if tender.type in PAID_BY_PLUGIN}
        if not waiting:
            return
        for bell in self._bells("receipt_tenders"):
            answers = self._ask(bell, decision, Transfer, Tell)
            paid = {answer.tender for answer in answers if isinstance(answer, Transfer)}
            if not paid <= waiting:
                raise BrokenPlugin(plugin=bell.plugin, hook=bell.hook, because="pays what is not its to pay")
            waiting -= paid
            self._accept(decision, bell, answers=answers)
        if waiting:
            kind = receipt.tenders[min(waiting)].type
            raise Refused(_("No module accepts payment by %(kind)s here.", kind=kind), code="tender_not_accepted")

    def reward(self, decision: Decision, *, late: bool = False) -> None:
        """Ask for what the receipt gives, or takes back. At the till a failure leaves the sale standing: `pending`.

        So does a plugin that is out of service, and a return waits for what its sale is still owed.
        """
        hook = "receipt_rewards" if decision.receipt.kind == "sale" else "receipt_returned"
        decision.pending += [bell.plugin for bell in self.host.bells(hook, self.tripped)]
        owed = self.owed.get(decision.visit.original.id, frozenset()) if decision.visit.original else frozenset()
        for bell in self._bells(hook):
            if bell.plugin in owed:
                decision.pending.append(bell.plugin)
                continue
            try:
                answers = self._ask(bell, decision, Transfer, Tell)
                self._accept(decision, bell, answers=answers)
            except AtriumError:
                if late:
                    raise
                decision.pending.append(bell.plugin)

    def _tell(self, decision: Decision) -> None:
        for bell in self._bells("receipt_member"):
            try:
                decision.tells += self._ask(bell, decision, Tell)
            except AtriumError:
                decision.skipped.append(bell.plugin)

    def _bells(self, hook: str) -> tuple[Bell, ...]:
        return self.host.bells(hook, self.enabled)

    def _ask(self, bell: Bell, decision: Decision, *kinds: type) -> list[Any]:
        if bell.plugin in self.blind:
            raise BrokenPlugin(plugin=bell.plugin, hook="receipt_facts", because="its facts could not be read")
        return proposals.ask(self.host, bell, facts=self.facts_for(bell.plugin, decision), kinds=kinds)

    def facts_for(self, plugin: str, decision: Decision) -> Facts:
        """The frozen facts as this plugin gets them."""
        visit, manifest = decision.visit, self.host.manifest_of(plugin)
        return Facts(
            now=self.now,
            today=self.today,
            mall=visit.mall,
            store=visit.store,
            receipt=decision.receipt,
            receipt_id=visit.receipt_id,
            member=visit.member,
            original=visit.original,
            balances=MappingProxyType(self.balances),
            settings=settings.of(self.known, manifest=manifest, mall_id=visit.mall.id, store_id=visit.store.id),
            own=self.own.get(plugin, {}).get(visit.receipt_id),
            returning=visit.returning,
            accepted=self.accepted.get((plugin, visit.member.id), ()) if visit.member else (),
        )

    def _accept(self, decision: Decision, bell: Bell, *, answers: list[Any]) -> None:
        """Count the transfers into the balances, all of this plugin's or none."""
        named = {(p.transfer.kind, p.transfer.key) for p in decision.transfers}
        if any((answer.kind, answer.key) in named for answer in answers if isinstance(answer, Transfer)):
            raise BrokenPlugin(plugin=bell.plugin, hook=bell.hook, because="books the same kind twice without a key")
        together = Booking()
        for claim in (*decision.claims, *(c for a in answers if isinstance(a, Transfer) for c in a.claims)):
            together.claim(claim)  # two on one row must go together, or the plugin is named here and not at the write
        moved = dict(self.balances)
        for transfer in (answer for answer in answers if isinstance(answer, Transfer)):
            _move(moved, transfer.source, amount=-transfer.amount)
            _move(moved, transfer.target, amount=transfer.amount)
        for ref, balance in moved.items():
            if ref.floor is not None and balance < min(ref.floor, self.balances.get(ref, 0)):
                raise NotEnough(account=str(ref))
        self.balances = moved
        if member := decision.visit.member:
            taken = tuple(answer for answer in answers if isinstance(answer, Transfer))
            self.accepted[bell.plugin, member.id] = self.accepted.get((bell.plugin, member.id), ()) + taken
        for answer in answers:
            if isinstance(answer, Tell):
                decision.tells.append(answer)
            else:
                decision.transfers.append(Proposed(bell.plugin, answer))


def _move(balances: dict[AccountRef, int], ref: AccountRef, *, amount: int) -> None:
    if ref.kept:
        balances[ref] = balances.get(ref, 0) + amount
