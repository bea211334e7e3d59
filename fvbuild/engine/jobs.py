"""One take being made: the action, its folder, and the way its outputs enter the store."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TypeAlias

from fvbuild.engine.action import Action, Artifact, InputFile, Made, Money
from fvbuild.engine.attempts import Attempted, Attempts
from fvbuild.engine.clock import Clock, iso
from fvbuild.engine.digest import Json
from fvbuild.engine.executor import HERE, Executor, Maker
from fvbuild.engine.failures import BUG, as_film_error
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.store import Health, Store
from fvbuild.engine.takes import Take
from fvbuild.engine.verdict import Verdict
from fvbuild.errors import ArtifactError, Interrupted, TargetError
from fvbuild.values import dataclass

Inputs: TypeAlias = "Mapping[str, tuple[InputFile, ...]]"
"""The chosen inputs of a node by role, in order."""


def _none(_most: int) -> Sequence[Job]:
    return ()


def _nobody() -> None:
    return None


@dataclass(slots=True)
class Job:
    """A take to be made, and who waits for it. Exactly one of ``made`` and ``error`` ends it.

    ``bought`` are the purchases to be closed with the take; ``costs`` what was spent on it.
    ``alike`` tells, at most so many, which jobs for the same target wait for a slot; ``after``,
    where there are none, which job its slot would take. ``width`` is how many slots of its
    pool it takes at once, ``slots`` which it has, from 1 on, while it is being made.
    """

    key: str
    n: int
    node: Node
    verdict: Verdict
    previous: tuple[InputFile, ...] = ()
    waiting: list[Node] = field(default_factory=list)
    made: Take | None = None
    error: BaseException | None = None
    bought: tuple[str, ...] = ()
    costs: tuple[Money, ...] = ()
    alike: Callable[[int], Sequence[Job]] = _none
    after: Callable[[], Job | None] = _nobody
    width: int = 1
    slots: tuple[int, ...] = ()

    @property
    def lease(self) -> str:
        """What must be leased while it is made."""
        return f"{self.key}:{self.n}"


def input_files(
    node: Node, graph: Graph, verdicts: Mapping[str, Verdict], store: Store
) -> dict[str, tuple[InputFile, ...]]:
    """The chosen inputs of a node as its maker sees them, by role."""
    files: dict[str, list[InputFile]] = {}
    for edge in node.inputs:
        if edge.fact is not None:
            continue
        known = verdicts[edge.node].known
        assert known is not None, "a node is made after its inputs"
        source = graph.get(edge.node)
        text = source.text if source is not None else None
        for output in known.outputs:
            files.setdefault(edge.role, []).append(input_file(edge.role, output, store, text))
    return {role: tuple(found) for role, found in files.items()}


def input_file(role: str, output: Artifact, store: Store, text: str | None = None) -> InputFile:
    """One artifact as a maker sees it; text is read for it."""
    if text is not None:
        return InputFile(role, output.digest, None, output.media_type, text, output.facts)
    path = store.path(output.digest)
    if output.media_type == "text/plain":
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ArtifactError(
                f"artifact {output.digest[:12]} cannot be read: {error}",
                hint="'fvbuild build' makes it again, or says what it would cost",
            ) from error
    return InputFile(role, output.digest, path, output.media_type, text, output.facts)


class Workshop:
    """Makes takes, in any thread. Whatever a maker raises becomes the job's error.

    ``verdicts`` grow while it works; those of a node's inputs are final before it is made.
    """

    def __init__(
        self,
        graph: Graph,
        verdicts: Mapping[str, Verdict],
        store: Store,
        clock: Clock,
        attempts: Attempts,
        progress: Callable[[str, float, str], None],
        cancel: threading.Event,
        executor: Executor = HERE,
    ) -> None:
        self._graph = graph
        self._verdicts = verdicts
        self._store = store
        self._clock = clock
        self._attempts = attempts
        self._progress = progress
        self._cancel = cancel
        self._executor = executor
        self._local = threading.local()

    def work(self, job: Job) -> Job:
        """Make the take and put its outputs into the store."""
        try:
            if self._cancel.is_set():
                raise Interrupted("stopped")
            job.made = self._make(job)
        except Exception as error:  # a maker's or plug-in's bug is a failed node, not a dead build
            job.error = as_film_error(error)
        return job

    def _make(self, job: Job) -> Take:
        node = job.node
        began_s = self._clock.ticks_s()
        folder = self._folder()
        inputs = input_files(node, self._graph, self._verdicts, self._store)
        try:
            attempted = self._attempted(job, self._action(job, inputs, folder))
            outcome = attempted.outcome
            outputs = tuple(self._take_in(made, job, inputs) for made in outcome.outputs)
        finally:
            _empty(folder)
        if not outputs:
            raise TargetError("nothing was made", hint="this is a bug in what makes it")
        return Take(
            n=job.n,
            outputs=outputs,
            origin=attempted.origin,
            cost=outcome.cost,
            seconds=round(self._clock.ticks_s() - began_s, 3),
            made_at=iso(self._clock.now_ns()),
            provenance=outcome.provenance,
        )

    def _attempted(self, job: Job, action: Action) -> Attempted:
        node = job.node
        if node.target is not None:
            try:
                attempted = self._attempts.make(node, job.key, action)
            finally:
                job.costs = self._attempts.spent(job.key, job.n)
            job.bought = attempted.bought
            if not job.costs and attempted.outcome.cost is not None:
                job.costs = (attempted.outcome.cost,)
            return attempted
        kind = self._graph.kinds[node.kind]
        if kind.make is None:
            raise TargetError(f"nothing can make a {node.kind}")
        executor = HERE if kind.beside_store else self._executor
        return Attempted(executor.make(Maker(kind.make), action), origin_of(node))

    def _action(self, job: Job, inputs: Inputs, folder: Path) -> Action:
        node = job.node
        return Action(
            node=node.id,
            kind=node.kind,
            params=job.verdict.params if job.verdict.params is not None else node.params,
            inputs=inputs,
            folder=folder,
            settings=node.target.settings if node.target is not None else {},
            seed=(node.seed or 0) + job.n - 1,
            take=job.n,
            previous=job.previous,
            progress=lambda done, note: self._progress(node.id, done, note),
            cancelled=self._cancel.is_set,
            slots=job.slots,
            waiting=lambda most: [self._unbegun(other, folder) for other in job.alike(most)],
            after=lambda: self._unbegun(other, folder) if (other := job.after()) else None,
        )

    def _unbegun(self, job: Job, folder: Path) -> Action:
        inputs = input_files(job.node, self._graph, self._verdicts, self._store)
        return self._action(job, inputs, folder)

    def _folder(self) -> Path:
        """This thread's own folder, kept between jobs: making one costs as much as a small job."""
        folder: Path | None = getattr(self._local, "folder", None)
        if folder is None:
            folder = self._store.new_folder(f"slot-{threading.get_ident()}")
            self._local.folder = folder
        return folder

    def _take_in(self, made: Made, job: Job, inputs: Inputs) -> Artifact:
        if made.same_as is not None:
            return _passed_on(made, inputs)
        stored = made.stored
        if stored is not None:
            digest, size_bytes = stored.digest, stored.size_bytes
        elif made.path is not None:
            digest, size_bytes = self._store.add_file(made.path)
        else:
            data = made.data if made.data is not None else (made.text or "").encode()
            digest, size_bytes = self._store.add_bytes(data)
        if not size_bytes and made.media_type != "text/plain":
            raise TargetError(f"an empty {made.media_type} was made for {job.node.id}")
        artifact = Artifact(digest, size_bytes, made.media_type, made.name, _facts(made, job))
        if stored is not None:
            self._store.note_away(artifact)
        return artifact


def _facts(made: Made, job: Job) -> Mapping[str, Json]:
    """What is known of an output; of a target's work also which take it is, for slates."""
    return made.facts if job.node.target is None else {**made.facts, "take": job.n}


def _passed_on(made: Made, inputs: Inputs) -> Artifact:
    for files in inputs.values():
        for file in files:
            if file.digest == made.same_as and file.path is not None:
                size_bytes = file.path.stat().st_size
                return Artifact(file.digest, size_bytes, made.media_type, made.name, made.facts)
    raise TargetError("a result was passed on that is no input", hint=BUG)


def origin_of(node: Node) -> str:
    """Who makes a node: its target's name, or the program itself."""
    return node.target.name if node.target is not None else "fvbuild"


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        with contextlib.suppress(OSError):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def previous_files(takes: Sequence[Take], store: Store) -> tuple[InputFile, ...]:
    """The outputs of a node's last result, for makers that can go on from it."""
    if not takes:
        return ()
    # A maker copies from these, so only what is whole will do.
    whole = (o for o in takes[0].outputs if store.health(o.digest) is Health.WHOLE)
    return tuple(input_file("previous", output, store) for output in whole)
