"""The ledger: every request that may cost money, from the intent to the take it became.

It lives in the state file, so that a purchase is closed in the transaction that records its take,
and in a file beside each open purchase, so that it survives the loss of the state. Nothing is
opened before the first purchase: a film that buys nothing pays nothing for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fvbuild.engine.action import Money
from fvbuild.engine.budget import Budget
from fvbuild.engine.clock import Clock, iso
from fvbuild.engine.digest import Json
from fvbuild.engine.entry import Entry, Slot
from fvbuild.engine.leases import Leases
from fvbuild.engine.ledger_file import LedgerFile
from fvbuild.engine.purchase import Stage, new_id
from fvbuild.engine.purchase_files import PurchaseFiles
from fvbuild.engine.purchase_table import PurchaseTable
from fvbuild.engine.receipts import given_up, ratios, settled
from fvbuild.engine.recovery import brought_up_to_date, recovered
from fvbuild.engine.state import State
from fvbuild.engine.target import Price
from fvbuild.errors import BudgetError, FilmBuildError, StoreError

_RECEIPTS_HEARD = 20


class Ledger(LedgerFile):
    """The ledger as one build sees it. Safe from several threads, and beside other builds.

    Raises StateError and StoreError when the disk refuses.
    """

    def __init__(
        self,
        state: State,
        files: PurchaseFiles,
        clock: Clock,
        film: str,
        profile: str | None = None,
    ) -> None:
        """``film`` names the film in the state, without its profile."""
        super().__init__(state, files)
        self.film = film
        self.build = ""
        self.budgets: Sequence[Budget] = ()
        self._clock = clock
        self._profile = profile or ""
        self._ratios: dict[tuple[str, str, str], float] | None = None

    def now(self) -> str:
        """The time, as entries hold it."""
        return iso(self._clock.now_ns())

    def start(self, budgets: Sequence[Budget] = ()) -> None:
        """A build begins, which may spend what ``budgets`` allow."""
        self.build = new_id()
        self.budgets = tuple(budgets)

    # --- beginning and changing -----------------------------------------------------------------

    def begin(
        self,
        slot: Slot,
        model: str,
        price: Price,
        *,
        resubmit_safe: bool,
        note: Mapping[str, Json],
    ) -> Entry:
        """Reserve and write down an intent; durable when it returns. Raises BudgetError."""
        entry = replace(
            self._entry(slot, model, price), resubmit_safe=resubmit_safe, note=dict(note)
        )
        with self.writing(written=True) as table:
            self._check_budgets(table, price)
            self.files.make(entry.id)
            table.put([entry])
        try:
            # The written record is the permission to send: without it nothing was ever sent.
            self.files.write(entry)
        except StoreError:
            with contextlib.suppress(FilmBuildError):
                self.change(entry, Stage.NOT_ACCEPTED, message="it could not be written down")
            raise
        return entry

    def _entry(self, slot: Slot, model: str, price: Price) -> Entry:
        at = self.now()
        listed = price.likely if price.listed is None else price.listed
        return Entry(
            id=new_id(), film=self.film, profile=self._profile, node=slot.node,
            kind=slot.kind, key=slot.key, take=slot.take, target=slot.target,
            provider=slot.provider, maker=slot.maker, wording=slot.wording, model=model,
            build=self.build, resubmit_safe=False, stage=Stage.INTENDED,
            reserved=price.max if price.known else None, likely=listed if price.known else None,
            currency=price.currency, began_at=at, changed_at=at,
        )  # fmt: skip

    def _check_budgets(self, table: PurchaseTable, price: Price) -> None:
        for budget in self.budgets:
            column, value = ("film", self.film) if budget.whole_film else ("build", self.build)
            now = replace(budget, spent=table.held(column, value).get(budget.currency, 0.0))
            if refusal := now.refusal(price):
                raise BudgetError(refusal, hint=OVER_BUDGET_HINT)

    def change(
        self,
        entry: Entry,
        stage: Stage,
        *,
        message: str = "",
        job: Mapping[str, Json] | None = None,
        cost: Money | None = None,
        flagged: bool = False,
        estimated: bool = False,
    ) -> Entry:
        """Bring an entry to a stage; durable when it returns. ``estimated``: no receipt says
        what it cost.

        An open entry is written in two places, either of which is enough to find it again.
        """
        changed = replace(
            entry,
            stage=stage,
            message=message or entry.message,
            job=dict(job) if job is not None else entry.job,
            flagged=flagged or entry.flagged,
            changed_at=self.now(),
        )
        if stage is Stage.RECEIVED:
            changed = settled(changed, cost)
        elif stage in (Stage.REFUSED, Stage.FAILED):
            changed = given_up(changed, cost, estimated=estimated)
        if changed.open:
            self._write_either(changed)
        else:
            with self.writing() as table:
                table.put([changed])
            self.files.close([changed])
        return changed

    def _write_either(self, entry: Entry) -> None:
        refused: FilmBuildError | None = None
        try:
            self.files.write(entry)
        except StoreError as error:
            refused = error
        try:
            with self.writing(written=refused is None) as table:
                table.put([entry])
        except FilmBuildError as error:
            if refused is not None:
                where = f" (its job: {dict(entry.job)})" if entry.job else ""
                raise StoreError(
                    f"what was bought{where} could not be written down: {error.message}",
                    place=error.place,
                    hint=error.hint,
                ) from error

    # --- closing --------------------------------------------------------------------------------

    def committed(self, ids: Sequence[str]) -> None:
        """The takes of these purchases are recorded: their folders are needed no more."""
        with self.reading() as table:
            found = [table.one(each) for each in ids] if table is not None else []
        self.files.close([entry for entry in found if entry is not None])

    def conclude(self, key: str, take: int) -> None:
        """A take is given up and reported; the next build begins anew with it."""
        with self.reading() as table:
            if table is None or not table.of_take(key, take):
                return
        with self.writing() as table:
            table.conclude(key, take)

    def resolve(self, entry: Entry, *, retry: bool, why: str = "dropped") -> Entry:
        """A person said what became of a purchase. What is known to be bought stays spent: by its
        receipt, else what it likely cost. ``why`` it is given up."""
        if entry.stage in (Stage.SUBMITTED, Stage.RECEIVED):
            paid = None if entry.likely is None else Money(entry.likely, entry.currency)
            return self.change(
                entry,
                Stage.FAILED,
                message=why,
                cost=entry.paid or paid,
                estimated=not entry.receipt,
            )
        return self.change(entry, Stage.RETRIED if retry else Stage.FORGOTTEN)

    def record(self, slot: Slot, cost: Money) -> None:
        """A target that keeps no purchases spent something on a take."""
        at = self.now()
        entry = self._entry(slot, "", Price(cost.amount, cost.amount, cost.amount, cost.currency))
        entry = replace(entry, stage=Stage.COMMITTED, cost=cost.amount, receipt=True)
        self.files.make_root()
        with self.writing() as table:
            table.put([replace(entry, concluded=True, changed_at=at)])
        self.files.close([entry])

    # --- looking --------------------------------------------------------------------------------

    def of_take(self, key: str, take: int) -> list[Entry]:
        """What was tried for a take since it was last made or given up, in order.

        Whoever asks holds the take's lease, so what is open was left by a build that is gone.
        """
        with self.reading() as table:
            found = table.of_take(key, take) if table is not None else []
        for at, entry in enumerate(found):
            now = brought_up_to_date(entry, self.files, self.now()) if entry.open else entry
            if now != entry:
                with self.writing() as table:
                    table.put([now])
                found[at] = now
        return found

    def recover(self, leases: Leases | None) -> list[Entry]:
        """All open purchases, brought up to date after whatever was killed; see ``recovery``.

        Those that another build works on are left out. Called once, before anything runs.
        """
        self._ever = self.files.exist() or self._state.purchases.exists()
        if not self._ever:
            return []
        if self._state.read_only:
            return self._state.purchases.open()
        with self.writing() as table:
            open_, over = recovered(table, self.files, leases, self.now())
        self.files.close(over)
        return open_

    def entries(self) -> list[Entry]:
        """All purchases of this film, in order."""
        with self.reading() as table:
            return table.of_film(self.film) if table is not None else []

    def spent(self) -> dict[str, float]:
        """What the film has spent or reserved, as budgets count it, by currency."""
        with self.reading() as table:
            return table.held("film", self.film) if table is not None else {}

    def ratio(self, provider: str, model: str, kind: str) -> float:
        """What receipts say of a rate card: the median of paid to likely, of the last 20."""
        with self._lock:
            if self._ratios is None:
                with self.reading() as table:
                    self._ratios = ratios(table.receipts() if table is not None else [])
            return self._ratios.get((provider, model, kind), 1.0)

    # --- other words ----------------------------------------------------------------------------

    def wording(self, slot: Slot) -> str | None:
        """The other words that were kept for a take."""
        with self.reading() as table:
            return None if table is None else table.wording(slot.key, slot.take, slot.maker)

    def keep_wording(self, slot: Slot, texts: str) -> None:
        """Keep other words, so that a restart asks for nothing else."""
        with self.writing() as table:
            table.set_wording(slot.key, slot.take, slot.maker, texts)


OVER_BUDGET_HINT = "raise it, or make fewer takes; 'fvbuild costs' tells what was spent"
