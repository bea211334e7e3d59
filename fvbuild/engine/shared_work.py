"""One shared store as one command works with it: what it asks, keeps, brings and sends.

Everything here belongs to the thread that builds, but for :meth:`SharedWork.fetch`. The state is
told what was found and what waits to be sent; artifacts are brought only when somebody needs them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial

from fvbuild.engine import assembly
from fvbuild.engine.action import Artifact
from fvbuild.engine.claims import Claims
from fvbuild.engine.decisions import Decisions
from fvbuild.engine.events import Reason
from fvbuild.engine.jobs import Job
from fvbuild.engine.judge import Judge
from fvbuild.engine.plan import judge_all
from fvbuild.engine.shared import Shared, Signer, Trust
from fvbuild.engine.shared_bring import Bringer
from fvbuild.engine.shared_errand import Errand, is_paid
from fvbuild.engine.shared_look import Looker, Want
from fvbuild.engine.shared_outbox import Outbox, Progress, unheard
from fvbuild.engine.shared_record import Record
from fvbuild.engine.shared_send import Sender
from fvbuild.engine.shared_table import Unsent, piece
from fvbuild.engine.shared_text import keep_texts
from fvbuild.engine.shared_wants import explain_refused, wants
from fvbuild.engine.sniff import ASSEMBLY
from fvbuild.engine.state import State
from fvbuild.engine.store import DiskStore, Health
from fvbuild.engine.takes import Take, Trace
from fvbuild.engine.verdict import Known, Verdicts
from fvbuild.errors import ArtifactError, FilmBuildError, RemoteError


class SharedWork:
    """A shared store, and what this command has asked, found and sent."""

    def __init__(
        self,
        shared: Shared,
        state: State,
        store: DiskStore,
        trust: Trust,
        signer: Signer,
        *,
        reads: bool = True,
        writes: bool = True,
    ) -> None:
        """``store`` knows by now what is known to lie in ``shared``."""
        self.shared = shared
        self.reads = reads
        self.writes = writes
        self._state = state
        self._store = store
        self.away: dict[str, Artifact] = store.elsewhere
        store.is_shared = True
        self.looker = Looker(shared, trust, self.away.__contains__)
        self.looker.damaged = state.shared.damaged(shared.place)
        self.bringer = Bringer(shared, store)
        self.claims: Claims | None = None
        sender = Sender(shared, signer, store.path, store.read, self._is_there, trust)
        self.outbox = Outbox(state, sender, self._sent)
        self.forget: Callable[[], None] = lambda: None
        """Called when something is not there that was: whoever relied on it must look again."""
        self.lost: set[str] = set()
        """What turned out not to be there, or to be damaged; who deals with it empties this."""
        self.is_sound = not self.looker.damaged
        """Whether nothing is known to be lost or damaged there."""
        self.thorough = False
        """Whether the store is asked for each artifact that is sent, also for known ones."""

    def _is_there(self, digest: str) -> bool | None:
        """Whether the shared store has an artifact, as far as it is known."""
        if digest in self.looker.damaged:
            return False
        return True if digest in self.away and not self.thorough else None

    # --- asking ---------------------------------------------------------------------------------

    def ask(self, judge: Judge, goals: Iterable[str]) -> Verdicts | None:
        """Look what the shared store has of what goals need and is not here.

        It goes on in rounds, as what is found makes known what is to be asked next. Returns the
        verdicts on all that goals need, unless they must be given anew."""
        goals = list(goals)
        kept = False
        while self.reads and self.looker.down is None:
            verdicts = judge_all(judge, goals)
            asked = self.looker.unasked(wants(judge, verdicts))
            found = self.looker.look(asked) if asked else []
            if not found:
                if not kept:
                    return verdicts
                keep_texts(judge, verdicts, self._state)
                return None
            self.keep(found, judge.decisions)
            kept = True
        return None

    def explain(self, judge: Judge, verdicts: Verdicts) -> None:
        """Say in verdicts why what the shared store has does not count."""
        explain_refused(judge, verdicts, self.looker.refused)

    def keep(self, found: Sequence[tuple[Want, Record]], decisions: Decisions) -> None:
        """Record takes that were found: from now on they are known, and away."""
        traces: list[Trace] = []
        artifacts: dict[str, Artifact] = {}
        for want, record in found:
            take = replace(record.take, n=want.n)
            if want.key and self._is_news(want.key, take):
                traces.append(Trace(want.key, record.trace.recipe, take))
            artifacts.update((d, piece(d)) for d in record.pieces if d not in self.away)
            artifacts.update((output.digest, output) for output in take.outputs)
        with self._state.transaction():
            self._state.record(traces)
            self._state.shared.make()
            self._state.shared.set_away(self.shared.place, artifacts.values())
        self.away.update(artifacts)
        for key in {want.key for want, _ in found if want.key}:
            decisions.look_again(key)

    def _is_news(self, key: str, take: Take) -> bool:
        """False where another take was made here under the number: that one is not forgotten."""
        known = self._state.takes(key).get(take.n)
        return known is None or known.content == take.content

    # --- for jobs -------------------------------------------------------------------------------

    def errand(self, job: Job, inputs: Iterable[Known]) -> Errand | None:
        """What must be asked and brought before a job is made; None when nothing must."""
        want, claim = None, False
        if self.reads and job.verdict.reason is not Reason.REQUESTED:
            wanted = Want(job.key, job.n)
            claim = self.claims is not None and is_paid(job.node)
            fresh = self.looker.unasked([wanted])
            want = wanted if fresh or claim else None
        outputs = [output for known in inputs for output in known.outputs]
        bring = self.absent(outputs)
        return Errand(want, bring, claim, job.node.id) if want is not None or bring else None

    def fetch(self, errand: Errand, cancelled: Callable[[], bool]) -> None:
        """On any thread: ask, and bring what is needed where nothing was found.

        Raises RemoteError, ArtifactError and Interrupted.
        """
        want = errand.want

        def made() -> bool:
            found = self.looker.look([want]) if want is not None else []
            errand.record = found[0][1] if found else None
            return bool(found)

        if made():
            return
        if errand.claim and want is not None and not self._claimed(want, made, cancelled, errand):
            return
        errors = self.bringer.bring_all(errand.bring)
        if errors:
            raise errors[0]

    def _claimed(
        self, want: Want, made: Callable[[], bool], cancelled: Callable[[], bool], errand: Errand
    ) -> bool:
        """Claim a take that is paid for; False when somebody else has made it meanwhile. A store
        that fails stops nobody: then it is made as without one."""
        assert self.claims is not None
        if self.looker.down is not None:
            return True
        try:
            return self.claims.take(want.key, want.n, made, cancelled, errand.node)
        except RemoteError as error:
            self.looker.down = self.looker.down or error
            return True

    def ended(self, job: Job) -> None:
        """A job ended; where nothing came of it, others need not wait for it."""
        if self.claims is not None and job.made is None:
            self.claims.release(job.key, job.n)

    def found(self, errand: Errand, decisions: Decisions) -> Take | None:
        """The take that an errand found, kept; None when it found none."""
        if errand.want is None or errand.record is None:
            return None
        self.keep([(errand.want, errand.record)], decisions)
        return decisions.takes_of(errand.want.key).get(errand.want.n)

    # --- bringing -------------------------------------------------------------------------------

    def absent(self, outputs: Iterable[Artifact]) -> list[str]:
        """What must be brought so that artifacts can be read or shown, of what is known so far:
        for an assembly that is away itself, its pieces are not."""
        found: dict[str, None] = {}
        for output in outputs:
            if self._store.health(output.digest) is Health.AWAY:
                found[output.digest] = None
            elif output.media_type == ASSEMBLY:
                found.update(dict.fromkeys(self._absent_pieces(output.digest)))
        return list(found)

    def _absent_pieces(self, digest: str) -> list[str]:
        try:
            parts = assembly.parse(self._store.read(digest)).artifacts
        except ArtifactError:
            return []
        return [part for part in parts if self._store.health(part) is Health.AWAY]

    def bring(
        self,
        outputs: Sequence[Artifact],
        told: Progress = unheard,
        cancel: threading.Event | None = None,
    ) -> list[FilmBuildError]:
        """Bring artifacts, and what assemblies among them are made of; what went wrong.

        ``told`` hears of each: of how many, how many were brought, and their bytes.
        """
        stop = cancel.is_set if cancel is not None else lambda: False
        errors: list[FilmBuildError] = []
        # First assemblies themselves: only they know what they are made of.
        for _ in range(2):
            absent = self.absent(outputs)
            if not absent or any(isinstance(e, RemoteError) for e in errors) or stop():
                break
            total = self.bringer.brought + len(absent)
            errors += self.bringer.bring_all(absent, partial(told, total), stop)
            self.settle()
        return errors

    # --- sending --------------------------------------------------------------------------------

    def note_unsent(self, jobs: Sequence[Job]) -> None:
        """Write down that takes are to be sent, and what of them is there already, since machines
        of a cluster put it there; in the transaction that records them."""
        if self.writes:
            self.outbox.note(jobs)
            takes = [job.made for job in jobs if job.made is not None]
            there = [o for take in takes for o in take.outputs if o.digest in self.away]
            if there:
                self._state.shared.make()
                self._state.shared.set_away(self.shared.place, there)

    def send(self, jobs: Iterable[Job]) -> None:
        """Have takes sent that are recorded by now."""
        if self.writes:
            self.outbox.send(jobs)
        self.settle()

    def settle(self) -> None:
        """Record what was sent, and what turned out to be gone, since the last time."""
        self.outbox.settle()
        gone, self.bringer.gone = self.bringer.gone, set()
        damaged, self.bringer.damaged = self.bringer.damaged, set()
        if gone or damaged:
            self.lost |= gone | damaged
            self.learn(damaged=damaged, missing=gone)

    def learn(self, *, whole: Set[str] = frozenset(), damaged: Set[str], missing: Set[str]) -> None:
        """Remember of artifacts what somebody saw who looked at what lies there."""
        self.is_sound = self.is_sound and not (damaged or missing)
        mended = self.looker.damaged & whole
        with self._state.transaction():
            self._state.shared.make()
            self._state.shared.drop_away(self.shared.place, missing | mended)
            self._state.shared.set_damaged(self.shared.place, damaged)
        self.looker.damaged = (self.looker.damaged - whole - missing) | damaged
        if gone := (missing | damaged) & self.away.keys():
            self.forget()
        for digest in gone:
            del self.away[digest]
        for digest in missing | damaged:
            self.looker.forget(digest)

    def _sent(self, takes: Sequence[Unsent], there: Mapping[str, Artifact]) -> None:
        """Takes arrived: they are there from now on, and nobody need wait for them."""
        self._state.shared.set_away(self.shared.place, there.values())
        self.away.update(there)
        self.looker.damaged -= there.keys()
        if self.claims is not None:
            for unsent in takes:
                self.claims.release(unsent.key, unsent.n)

    def finish(self, cancel: threading.Event, told: Progress = unheard) -> None:
        """Wait until all is sent, or until cancelled; what is left waits in the state.

        ``told`` hears of how many takes how many were sent, and their bytes.
        """
        self.outbox.finish(cancel, told)
        self.looker.close()
        if self.claims is not None:
            self.claims.close()
        self.settle()

    def left(self) -> int:
        """How many takes wait to be sent."""
        return len(self.outbox) if self.writes else 0

    def down(self) -> FilmBuildError | None:
        """Why the store was not asked any more, or nothing more was sent."""
        return self.looker.down or self.outbox.sender.down
