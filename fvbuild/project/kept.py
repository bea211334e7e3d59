"""The film as it was when all of it was up to date, kept for the build after the next edit.

One file beside the record of stats, and of use with this very record alone: the film's plain form,
what the nodes were that other shots or the whole film are made from, and digests of the lock's
lines.
"""

from __future__ import annotations

import contextlib
import marshal
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvbuild.engine.action import Artifact
from fvbuild.engine.digest import quick
from fvbuild.engine.events import Act, Reason
from fvbuild.engine.graph import Graph
from fvbuild.engine.lock import Lock
from fvbuild.engine.verdict import Known, Verdict
from fvbuild.project import unchanged
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.film.load import Loaded
    from fvbuild.project.scope import Scope
    from fvbuild.project.session import Project

_MAGIC = b"fvbuild settled film 4\n"
_DIGEST_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class KeptFilm:
    """total: how many nodes it had. identity: ``Loaded.identity``.

    plain: its plain form (``Loaded.packed``), not unpacked yet.
    stood_on: the nodes that others stand on. joined: content and outputs of these, by node, as
    plain values, not unpacked yet.
    lines: digests of the lock's lines by node, not unpacked yet.
    """

    total: int
    identity: str
    plain: bytes
    stood_on: frozenset[str]
    joined: bytes
    lines: bytes

    def verdicts(self) -> Mapping[str, Verdict]:
        """What the nodes that others stand on are known to be."""
        return _Settled(self.joined)

    def changed_shots(self, loaded: Loaded) -> set[tuple[str, str]] | None:
        """The (scene, shot) whose text is not as it was; None when anything else differs."""
        from fvbuild.film.difference import changed_shots

        if loaded.identity == self.identity:
            return set()
        if loaded.edited is not None and loaded.edited[0] == self.identity:
            return {loaded.edited[1]}
        return changed_shots(marshal.loads(self.plain), loaded.packed[0])

    def decided_otherwise(self, lock: Lock) -> frozenset[str]:
        """The nodes whose lines are not as they were."""
        old: Mapping[str, str] = marshal.loads(self.lines)
        new = lock.digests()
        names = old.keys() | new.keys()
        return frozenset(name for name in names if old.get(name) != new.get(name))


class _Settled(dict[str, Verdict]):
    """Verdicts made when they are asked for."""

    def __init__(self, joined: bytes) -> None:
        super().__init__()
        self._packed = joined

    @cached_property
    def _joined(self) -> Mapping[str, Any]:
        joined: Mapping[str, Any] = marshal.loads(self._packed)
        return joined

    def __missing__(self, name: str) -> Verdict:
        content, outputs = self._joined[name]
        known = Known(content, tuple([Artifact(*output) for output in outputs]))
        verdict = self[name] = Verdict(Act.REUSE, Reason.UP_TO_DATE, known)
        return verdict


def _path(project: Project) -> Path:
    from fvbuild.project.settled import request_for

    name = request_for(project, ()).name()
    return project.workspace.cache / "unchanged" / f"{name}.film"


def keep(
    project: Project, scope: Scope, verdicts: Mapping[str, Verdict], total: int, record: bytes
) -> None:
    """Keep the film as it is now, for the record of stats just written.

    ``total`` is the number of its nodes, of which ``scope`` may hold a part.
    """
    part, lines = scope.part, project.lock.digests()
    if len(project.loaded.packed) != 1 or (
        part is None and lines.keys() - {node.id for node in scope.graph}
    ):
        return  # a node that takes the key of one that is gone takes over its approval
    joined = marshal.loads(part.before.joined) if part is not None else {}
    for name in (joined.keys() & verdicts.keys()) | _joined(scope.graph):
        known = verdicts[name].known if name in verdicts else None
        if known is not None:
            joined[name] = (known.content, [_plain(output) for output in known.outputs])
    body = marshal.dumps(
        (
            total,
            project.loaded.identity,
            marshal.dumps(project.loaded.packed[0]),
            frozenset(joined),
            marshal.dumps(joined),
            marshal.dumps(lines),
        )
    )
    path = _path(project)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        temporary.write_bytes(_MAGIC + quick(record).encode() + quick(body).encode() + body)
        temporary.replace(path)


def _plain(output: Artifact) -> tuple[object, ...]:
    facts = dict(output.facts)
    return output.digest, output.size_bytes, output.media_type, output.name, facts


def _joined(graph: Graph) -> set[str]:
    """The nodes that something else than their own shot is made from."""
    found: set[str] = set()
    for node in graph:
        if node.inputs:
            own = _shot_of(node.id)
            found.update(
                edge.node for edge in node.inputs if own is None or not edge.node.startswith(own)
            )
    return found


def _shot_of(name: str) -> str | None:
    parts = name.split("/", 2)
    return f"{parts[0]}/{parts[1]}/" if len(parts) > 2 else None


def read(project: Project, record: unchanged.Record) -> KeptFilm | None:
    """The film as it was; None unless it belongs to this very record."""
    try:
        data = _path(project).read_bytes()
    except OSError:
        return None
    head = _MAGIC + quick(record.data).encode()
    body = data[len(head) + _DIGEST_CHARACTERS :]
    # The digest stands guard: marshal must never see bytes that we did not write.
    if not data.startswith(head + quick(body).encode()):
        return None
    return KeptFilm(*marshal.loads(body))
