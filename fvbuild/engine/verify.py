"""Reads every artifact and names what is corrupt or missing, and which nodes would lose it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fvbuild.engine.action import Money
from fvbuild.engine.digest import content_of_file
from fvbuild.engine.lock import Lock
from fvbuild.engine.state import State
from fvbuild.engine.store import DiskStore


@dataclass(frozen=True, slots=True)
class VerifyProblem:
    """One artifact that is not what it should be. ``problem`` is ``missing`` or ``corrupt``."""

    digest: str
    problem: str
    nodes: tuple[str, ...]
    path: Path
    cost: Money | None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """How many artifacts were read, and what is wrong."""

    checked: int
    problems: tuple[VerifyProblem, ...]


def verify(store: DiskStore, state: State, lock: Lock, last: Mapping[str, str]) -> VerifyReport:
    """Read the whole store, and look for what traces and the lock mention.

    ``last`` maps the film's nodes to their keys, so that problems can name nodes.
    """
    nodes_of_key: dict[str, list[str]] = {}
    for node, key in last.items():
        nodes_of_key.setdefault(key, []).append(node)
    mentioned: dict[str, tuple[set[str], Money | None]] = {}
    for key, take in state.all_takes():
        for output in take.outputs:
            names, cost = mentioned.get(output.digest, (set(), None))
            mentioned[output.digest] = (names | set(nodes_of_key.get(key, ())), cost or take.cost)
    for line in lock.lines.values():
        for locked in line.takes:
            names, cost = mentioned.get(locked.artifact, (set(), None))
            mentioned[locked.artifact] = (names | {line.node}, cost or locked.cost)
    problems: list[VerifyProblem] = []
    present: set[str] = set()
    for digest, path in store.digests():
        present.add(digest)
        try:
            whole = content_of_file(path) == digest
        except OSError:
            whole = False
        if not whole:
            names, cost = mentioned.get(digest, (set(), None))
            problems.append(VerifyProblem(digest, "corrupt", tuple(sorted(names)), path, cost))
    for digest in sorted(mentioned.keys() - present):
        if store.away(digest) is not None:
            continue  # it is in the shared store
        names, cost = mentioned[digest]
        problems.append(
            VerifyProblem(digest, "missing", tuple(sorted(names)), store.path(digest), cost)
        )
    return VerifyReport(len(present), tuple(problems))
