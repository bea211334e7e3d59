"""One take, asked of one worker: inputs are sent where they are missing, files fetched."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fvbuild.engine.action import Action, Made, Outcome, Stored
from fvbuild.engine.purchase import new_id
from fvbuild.errors import ArtifactError, ExecutorError
from fvbuild.executors.cluster import Cluster
from fvbuild.executors.crew import Worker, first_line
from fvbuild.executors.parcels import Done, Failed, Left, Needs, Output, Request, write
from fvbuild.executors.sending import Sent
from fvbuild.executors.shelf import StoreThere

_LOOK_S = 0.1
_TELL_AFTER_S = 0.3
_STOP_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class SharedFiles:
    """The shared store of a build. store: for machines of the cluster. has: whether an artifact is
    known to be there. bring: has one brought to this machine's own store. keeps: whether machines
    are to put there what they make. seen: whether an artifact is there, looked up from here."""

    store: StoreThere
    has: Callable[[str], bool]
    bring: Callable[[str], None]
    keeps: Callable[[], bool]
    seen: Callable[[str], bool]


class Lost(Exception):
    """The worker or its machine is gone; nothing that it did counts."""


class Asking:
    """Has workers of one cluster make takes. Safe from several threads."""

    def __init__(self, cluster: Cluster, shared: SharedFiles | None) -> None:
        self._cluster = cluster
        self._shared = shared
        self._astray: set[str] = set()
        self._sent = Sent(cluster, shared.bring if shared is not None else _nowhere)

    def made(self, worker: Worker, opening: bytes, action: Action) -> Outcome:
        """Have a worker make it. Raises Lost, and what the maker raised."""
        request = self._request(worker, opening, action)
        errors = self._cluster.ray.exceptions
        try:
            given: Mapping[str, Any] = {}
            while True:
                answer = self._answer(worker, request, given, action)
                if not isinstance(answer, Needs):
                    break
                given = self._sent.of(request, answer)
            if isinstance(answer, Failed):
                raise answer.error()
            return self._outcome(worker, request, answer, action)
        except errors.RayTaskError as error:
            if isinstance(error.cause, errors.RayError):
                raise Lost(first_line(error.cause)) from error
            raise ExecutorError(
                f"the worker on {worker.host} failed: {first_line(error.cause or error)}",
                hint="this is a bug in fvbuild, or its machine has other versions of what it needs",
            ) from error
        except errors.RayError as error:
            raise Lost(first_line(error)) from error

    def _request(self, worker: Worker, opening: bytes, action: Action) -> Request:
        id_ = new_id()
        there = self._shared.has if self._shared is not None else _never
        inputs = dict(action.inputs)
        shared = frozenset(f.digest for files in inputs.values() for f in files if there(f.digest))
        return Request(
            id_, opening, action.node, action.kind, dict(action.params), inputs,
            dict(action.settings), action.seed, action.take, action.folder / id_, shared,
            self._keeps(worker),
        )  # fmt: skip

    def _answer(
        self, worker: Worker, request: Request, given: Mapping[str, Any], action: Action
    ) -> Done | Needs | Failed:
        """Ask, and pass progress and cancelling on until the answer is there."""
        cluster, actor = self._cluster, worker.actor
        asked = actor.make.remote(request, given)
        telling: Any = None
        began_s, stopped_s = time.monotonic(), 0.0
        while not cluster.ready([asked], _LOOK_S):
            now_s = time.monotonic()
            if action.cancelled() and not stopped_s:
                actor.stop.remote(request.id)
                stopped_s = now_s
            if stopped_s and now_s - stopped_s > _STOP_WAIT_S:
                raise Lost("it did not stop when it was told to")
            if telling is None and now_s - began_s > _TELL_AFTER_S:
                telling = actor.told.remote(request.id)
            elif telling is not None and cluster.ready([telling], 0):
                for done, note in cluster.ray.get(telling):
                    action.progress(done, note)
                telling = None
        answer: Done | Needs | Failed = cluster.ray.get(asked)
        for done, note in cluster.ray.get(telling) if telling is not None else ():
            action.progress(done, note)
        for done, note in answer.told if isinstance(answer, Done) else ():
            action.progress(done, note)
        return answer

    def _outcome(self, worker: Worker, request: Request, answer: Done, action: Action) -> Outcome:
        """The outcome with its files in the action's folder, but for those in the shared store."""
        folder = request.folder
        folder.mkdir(exist_ok=True)

        def made(output: Output) -> Made:
            path, stored = None, None
            if output.same_as is not None and self._shared is not None:
                self._shared.bring(output.same_as)
            file = output.file
            if file is not None and file.stored and self._arrived(worker, file):
                stored = Stored(file.digest, file.size_bytes)
            elif file is not None:
                path = folder / file.name
                if not worker.near:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    write(path, self._pieces(worker, file), file.digest)
            return Made(
                output.media_type, path, output.text, output.data, output.same_as, output.name,
                output.facts, stored,
            )  # fmt: skip

        outputs = tuple(made(output) for output in answer.outputs)
        return Outcome(outputs, answer.cost, {**answer.provenance})

    def _keeps(self, worker: Worker) -> bool:
        if self._shared is None or worker.node in self._astray:
            return False
        return self._shared.keeps()

    def _arrived(self, worker: Worker, file: Left) -> bool:
        """Whether what a machine put into the shared store is there as seen from here: what it has
        under the store's name may be a place of its own, as a folder that is not mounted there."""
        arrived = self._shared is not None and self._shared.seen(file.digest)
        if not arrived:
            self._astray.add(worker.node)
        return arrived

    def _pieces(self, worker: Worker, file: Left) -> Iterator[bytes]:
        if file.data is not None:
            yield file.data
            return
        offset = 0
        while offset < file.size_bytes:
            piece: bytes = self._cluster.ray.get(worker.actor.read.remote(file.name, offset))
            if not piece:
                return
            offset += len(piece)
            yield piece


def _never(_digest: str) -> bool:
    return False


def _nowhere(digest: str) -> None:
    raise ArtifactError(
        f"artifact {digest[:12]} is missing",
        hint="'fvbuild verify' names all that is damaged; 'fvbuild build' makes again what is free",
    )
