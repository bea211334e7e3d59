"""Promotion: takes leave a quarantine once the lock that names them was reviewed and merged.

Of a quarantine nothing is believed. A take comes out only if a line of the lock names it by key,
number and artifact; its bytes are read and give that name; it is what a node of its kind can be;
and what is known of it (frames, seconds, size) is measured anew. Then whoever promotes it signs it.
What is derived from takes (clips made ready, mixes, the film) stays behind: it is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fvbuild.engine.action import Artifact
from fvbuild.engine.digest import Json
from fvbuild.engine.lock import LockLine, LockTake
from fvbuild.engine.shared import (
    Found,
    Shared,
    Signer,
    Trust,
    blob_name,
    exact_name,
    first_name,
    quarantined,
)
from fvbuild.engine.shared_bring import Bringer
from fvbuild.engine.shared_quarantine import FromQuarantine
from fvbuild.engine.shared_record import Record, parse
from fvbuild.engine.shared_send import put_record
from fvbuild.engine.store import Store
from fvbuild.engine.takes import Take
from fvbuild.errors import ArtifactError, FilmBuildError, RemoteError

Measure = Callable[[str, Path], Mapping[str, Json]]
"""The facts of a file that is to be the result of a node; raises where it cannot be one."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What became of one take: ``problem`` is empty where it was promoted.

    ``there``: it was in the store already, signed by somebody trusted.
    """

    node: str
    n: int
    artifact: str
    problem: str = ""
    there: bool = False


@dataclass(frozen=True, slots=True)
class Promoter:
    """Takes out of one quarantine what locks name. ``store`` keeps what is read meanwhile;
    ``measure`` gets a node's kind and a file."""

    shared: Shared
    quarantine: str
    store: Store
    trust: Trust
    signer: Signer
    measure: Measure

    def promote(self, lines: Sequence[LockLine]) -> Iterator[Promotion]:
        """Promote the takes of lock lines, one after the other; takes that nobody sent are passed
        over. Raises RemoteError when the store cannot be asked."""
        for line in lines:
            for take in line.takes:
                found = self._one(line, take)
                if found is not None:
                    yield found

    def _one(self, line: LockLine, take: LockTake) -> Promotion | None:
        exact = exact_name(line.key, take.drawn or take.n, take.artifact)
        aside = self._record(quarantined(exact, self.quarantine), line, take)
        if aside is None:
            return None
        there = self._record(exact, line, take)
        if there is not None and self.trust.refusal(there) is None:
            return Promotion(line.node, take.n, take.artifact, there=True)
        try:
            self._bring_out(line, take, aside, exact)
        except RemoteError:
            raise
        except FilmBuildError as error:
            return Promotion(line.node, take.n, take.artifact, error.message)
        return Promotion(line.node, take.n, take.artifact)

    def _record(self, name: str, line: LockLine, take: LockTake) -> Record | None:
        """The record of exactly this take; None where there is none that is sound."""
        text = self.shared.read(name)
        record = parse(text) if text is not None else None
        if record is None or record.trace.key != line.key:
            return None
        named = (take.drawn or take.n, take.artifact)
        return record if (record.take.n, record.artifact) == named else None

    def _bring_out(self, line: LockLine, take: LockTake, record: Record, exact: str) -> None:
        """Write a take with what was reviewed (the lock) or measured of it, and nothing besides."""
        said = record.take
        if len(said.outputs) != 1:
            raise ArtifactError("it has several outputs, and a lock names one")
        artifact = self._measured(line, said)
        sound = replace(
            said, outputs=(artifact,), origin=take.origin, cost=take.cost, provenance={}
        )
        text = self.signer.sign(Record(replace(record.trace, take=sound), node=line.node)).text()
        self.shared.write_file(blob_name(artifact.digest), self.store.path(artifact.digest))
        self.shared.write(exact, text)
        put_record(self.shared, first_name(line.key, said.n), text, self.trust)

    def _measured(self, line: LockLine, said: Take) -> Artifact:
        """The artifact, read if it is not here, with what measuring tells of it."""
        output = said.outputs[0]
        if not self.store.holds(output.digest):
            Bringer(FromQuarantine(self.shared, self.quarantine), self.store).bring(output.digest)
        path = self.store.path(output.digest)
        facts = {"take": said.n, **self.measure(line.kind, path)}
        return output._replace(size_bytes=path.stat().st_size, facts=facts)


def leftovers(shared: Shared, quarantine: str) -> Iterator[Found]:
    """All that a quarantine holds, to be removed once what was wanted is out."""
    return shared.list(quarantined("", quarantine))
