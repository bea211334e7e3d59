"""The takes that are being made, each once, by this build or by another one that has the lease."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from fvbuild.engine.decisions import Decisions
from fvbuild.engine.events import Reason
from fvbuild.engine.graph import Node
from fvbuild.engine.jobs import Job
from fvbuild.engine.slots import Pools
from fvbuild.engine.takes import Take
from fvbuild.engine.tools import CLAIMS, ERRANDS, Tools
from fvbuild.engine.verdict import Known
from fvbuild.errors import FilmBuildError, Interrupted, RemoteError

if TYPE_CHECKING:
    from fvbuild.engine.shared_errand import Errand


class Underway:
    """Jobs by their leases. ``work`` makes one, on a slot; ``told`` hears of those that need not
    be made, since another build made them or the build was stopped. ``inputs`` are what a node is
    made from."""

    def __init__(
        self,
        tools: Tools,
        decisions: Decisions,
        pools: Pools,
        work: Callable[[Job], Job],
        told: Callable[[Job], None],
        inputs: Callable[[Node], Iterable[Known]],
    ) -> None:
        self._tools = tools
        self._decisions = decisions
        self._pools = pools
        self._work = work
        self._told = told
        self._inputs = inputs
        self._errands: dict[str, Errand] = {}
        self._jobs: dict[str, Job] = {}
        self._leased_elsewhere: list[Job] = []

    def __bool__(self) -> bool:
        return bool(self._pools.running or self._leased_elsewhere)

    def make(self, job: Job) -> None:
        """Have a take made; if it is being made already, who waits for it waits for that one."""
        if (same := self._jobs.get(job.lease)) is not None:
            same.waiting += job.waiting
            return
        self._jobs[job.lease] = job
        self._take_lease(job)

    def ended(self, job: Job) -> None:
        """A job ended: the next one for its take is another."""
        self._jobs.pop(job.lease, None)
        if self._tools.sharing is not None:
            self._tools.sharing.ended(job)

    def try_leases(self) -> None:
        """Go on with what other builds had the leases of, where they gave them back."""
        waiting, self._leased_elsewhere = self._leased_elsewhere, []
        for job in waiting:
            if self._tools.cancel.is_set():
                job.error = Interrupted("stopped")
                self._told(job)
            else:
                self._take_lease(job)

    def _take_lease(self, job: Job) -> None:
        if self._tools.leases.take(job.lease):
            self._go(job)
        else:
            self._leased_elsewhere.append(job)

    def _go(self, job: Job) -> None:
        """Run a job whose lease we hold, unless another build made it before we got the lease."""
        requested = job.verdict.reason is Reason.REQUESTED and job.node.target is None
        if not requested:
            self._decisions.look_again(job.key)
            there = self._decisions.takes_of(job.key).get(job.n)
            if there is not None and self._whole(there):
                job.made = there
                self._tools.leases.give_back(job.lease)
                self._told(job)
                return
        sharing = self._tools.sharing
        errand = sharing.errand(job, self._inputs(job.node)) if sharing is not None else None
        if errand is None:
            self._submit(job)
        else:
            self._errands[job.lease] = errand
            self._pools.submit(CLAIMS if errand.claim else ERRANDS, self._run_errand, job)

    def _submit(self, job: Job) -> None:
        target = job.node.target
        job.width = self._tools.width(target)
        self._pools.submit(target.pool if target else "cpu", self._work, job)

    def _whole(self, take: Take) -> bool:
        return all(self._tools.store.health(o.digest).usable for o in take.outputs)

    # --- errands to the shared store ------------------------------------------------------------

    def _run_errand(self, job: Job) -> Job:
        """On a thread: ask whether it was made elsewhere, and bring what it is made from."""
        sharing = self._tools.sharing
        assert sharing is not None
        try:
            if self._tools.cancel.is_set():
                raise Interrupted("stopped")
            sharing.fetch(self._errands[job.lease], self._tools.cancel.is_set)
        except FilmBuildError as error:
            job.error = error
        except Exception as error:  # ours, but one node's: the others go on
            job.error = RemoteError(f"{type(error).__name__}: {error}")
            job.error.__cause__ = error
        return job

    def back(self, job: Job) -> bool:
        """Whether a job came back from an errand, and not from being made: then it goes on, or
        ends here."""
        errand = self._errands.pop(job.lease, None)
        if errand is None or self._tools.sharing is None:
            return False
        if job.error is None:
            job.width = 1
            job.made = self._tools.sharing.found(errand, self._decisions)
        if job.error is None and job.made is None:
            self._submit(job)
        else:
            self._tools.leases.give_back(job.lease)
            self._told(job)
        return True
