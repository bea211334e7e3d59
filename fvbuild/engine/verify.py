"""Reads every artifact and names what is corrupt or missing, and which nodes would lose it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fvbuild.engine.action import Money
from fvbuild.engine.digest import content_of_file
from fvbuild.engine.lock import Lock
from fvbuild.engine.shared_look import Want
from fvbuild.engine.state import State
from fvbuild.engine.store import DiskStore

MISSING, CORRUPT = "missing", "corrupt"
BUILD, PULL, SELECT, GC, ELSEWHERE = MENDS = ("build", "pull", "select", "gc", "elsewhere")
"""What mends a problem: a build makes it again, it is brought from the shared store, its take must
be chosen before a build makes it again, nothing needs it, or another film or revision does."""


@dataclass(frozen=True, slots=True)
class VerifyProblem:
    """One artifact that is not what it should be. ``problem`` is ``missing`` or ``corrupt``;
    ``mend`` is one of ``MENDS``."""

    digest: str
    problem: str
    nodes: tuple[str, ...]
    path: Path
    cost: Money | None
    mend: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """How many artifacts were read, how many are ``away``, in the shared store alone, and what is
    wrong."""

    checked: int
    problems: tuple[VerifyProblem, ...]
    away: int = 0


@dataclass(slots=True)
class _Mention:
    """What traces and the lock say of an artifact. ``chosen``: some node shows it."""

    want: Want
    nodes: set[str]
    chosen: bool
    cost: Money | None


def verify(
    store: DiskStore,
    state: State,
    lock: Lock,
    last: Mapping[str, str],
    look: Callable[[Sequence[Want]], None] = lambda _wants: None,
) -> VerifyReport:
    """Read the whole store, and look for what traces and the lock mention.

    ``last`` maps the film's nodes to their keys, so that problems can name nodes. ``look`` is
    given what is not whole here, nor known to be in the shared store, and asks there.
    """
    mentioned = _mentioned(state, lock, last)
    present = {digest: _is_whole(path, digest) for digest, path in store.digests()}
    unknown = [
        mention.want
        for digest, mention in mentioned.items()
        if not present.get(digest) and store.away(digest) is None
    ]
    if unknown:
        look(unknown)
    corrupt = [digest for digest, whole in present.items() if not whole]
    absent = sorted(mentioned.keys() - present.keys())
    missing = [digest for digest in absent if store.away(digest) is None]
    problems = [
        *(_problem(store, digest, CORRUPT, mentioned.get(digest)) for digest in corrupt),
        *(_problem(store, digest, MISSING, mentioned[digest]) for digest in missing),
    ]
    return VerifyReport(len(present), tuple(problems), len(absent) - len(missing))


def _mentioned(state: State, lock: Lock, last: Mapping[str, str]) -> dict[str, _Mention]:
    """Every artifact that a trace or the lock mentions."""
    nodes_of_key: dict[str, list[str]] = {}
    for node, key in last.items():
        nodes_of_key.setdefault(key, []).append(node)
    found: dict[str, _Mention] = {}

    def mention(want: Want, digest: str, nodes: Sequence[str], cost: Money | None) -> None:
        chosen = any(_is_chosen(lock, node, want) for node in nodes)
        known = found.setdefault(digest, _Mention(want, set(), chosen, cost))
        known.nodes.update(nodes)
        known.chosen |= chosen
        known.cost = known.cost or cost

    for key, take in state.all_takes():
        want = Want(key, take.n, take.outputs[0].digest if take.outputs else None, take.drawn)
        for output in take.outputs:
            mention(want, output.digest, nodes_of_key.get(key, ()), take.cost)
    for line in lock.lines.values():
        for locked in line.takes:
            want = Want(line.key, locked.n, locked.artifact, locked.drawn)
            mention(want, locked.artifact, [line.node], locked.cost)
    return found


def _is_chosen(lock: Lock, node: str, want: Want) -> bool:
    line = lock.get(node)
    return line is None or line.key != want.key or line.chosen == want.n


def _is_whole(path: Path, digest: str) -> bool:
    try:
        return content_of_file(path) == digest
    except OSError:
        return False


def _problem(
    store: DiskStore, digest: str, problem: str, mention: _Mention | None
) -> VerifyProblem:
    nodes = tuple(sorted(mention.nodes)) if mention is not None else ()
    if mention is None or not nodes:
        mend = GC
    elif store.away(digest) is not None:
        mend = PULL
    else:
        mend = BUILD if mention.chosen else SELECT
    cost = mention.cost if mention is not None else None
    return VerifyProblem(digest, problem, nodes, store.path(digest), cost, mend)
