"""Takes that only the lock tells of: what the shared store knows of them, asked for together.

A build asks for the takes that are chosen. Whoever looks at the others asks for those as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fvbuild.engine.action import Artifact
from fvbuild.engine.lock import LockLine
from fvbuild.engine.shared_look import Want
from fvbuild.engine.store import Health
from fvbuild.engine.verify import CORRUPT, ELSEWHERE, GC, VerifyProblem, VerifyReport
from fvbuild.errors import StateError
from fvbuild.project.unchanged import forget_records

if TYPE_CHECKING:
    from fvbuild.project.opened import OpenFilm
    from fvbuild.project.session import Project

_SPARE = "~"


def ask_for(film: OpenFilm, wants: Iterable[Want]) -> None:
    """Ask the shared store for takes, where there is one to be read; what it has is known, and
    away, from now on. A store that is down raises nothing: see the notes on it."""
    wanted = list(wants)
    sharing = film.sharing if wanted else None
    if sharing is None or not sharing.reads:
        return
    found = sharing.looker.look(sharing.looker.unasked(wanted))
    sharing.looker.close()
    if found:
        sharing.keep(found, film.judge().decisions)


def unknown_takes(film: OpenFilm, nodes: Sequence[str]) -> Iterator[Want]:
    """The takes of nodes in the lock that are not here, and of which not all is known."""
    for line in _lines(film, nodes):
        known = film.state.takes(line.key) if line.key else {}
        for take in line.takes:
            health = film.store.health(take.artifact)
            is_known = take.n in known or not line.key
            if health is not Health.WHOLE and not (health.usable and is_known):
                yield Want(line.key, take.n, take.artifact, take.drawn)


def artifacts_of(film: OpenFilm, nodes: Sequence[str]) -> Iterator[Artifact]:
    """What all takes of nodes in the lock are, as far as they are known to the shared store."""
    for line in _lines(film, nodes):
        known = film.state.takes(line.key) if line.key else {}
        for take in line.takes:
            made = known.get(take.n)
            if made is not None and made.outputs[0].digest == take.artifact:
                yield from made.outputs
            elif (away := film.store.away(take.artifact)) is not None:
                yield away


def _lines(film: OpenFilm, nodes: Sequence[str]) -> Iterator[LockLine]:
    """The lines of nodes, and the spare ones that a merge left of them."""
    wanted = frozenset(nodes)
    if wanted:
        for name, line in film.lock.lines.items():
            if name.partition(_SPARE)[0] in wanted:
                yield line


# --- verify ---------------------------------------------------------------------------------------


def verified(film: Project) -> VerifyReport:
    """Read every artifact here, and ask the shared store for what is not: what is wrong."""
    from fvbuild.engine.verify import verify

    last = film.state.last_keys(film.name)
    report = verify(film.store, film.state, film.lock, last, lambda wants: ask_for(film, wants))
    corrupt = [problem.digest for problem in report.problems if problem.problem == CORRUPT]
    if corrupt:
        _believe_no_stat(film, corrupt)
    if not any(problem.mend == GC for problem in report.problems):
        return report
    garbage = _garbage(film)

    def told(problem: VerifyProblem) -> VerifyProblem:
        """What no node of this film has may be another's; only the rest is for ``gc``."""
        is_away = film.store.away(problem.digest) is not None
        if problem.mend != GC or is_away or problem.digest in garbage:
            return problem
        return replace(problem, mend=ELSEWHERE)

    return replace(report, problems=tuple(told(problem) for problem in report.problems))


def _believe_no_stat(film: Project, digests: Sequence[str]) -> None:
    """Bytes that rot leave size and times as they were: what is next to use them reads them."""
    if not film.state.read_only:
        with film.state.transaction():
            film.state.stats.forget_artifacts(digests)
        forget_records(film.workspace.cache)


def _garbage(film: Project) -> frozenset[str]:
    try:
        return frozenset(item.digest for item in film.gc().items)
    except StateError:  # nothing can be known to be garbage
        return frozenset()
