"""Sending takes to a shared store, behind a build: artifacts first, then what names them.

So a record is never there before what it needs. Nothing here can fail a build: what could not be
sent waits in the state, and the first refusal ends the trying.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from fvbuild.engine import assembly
from fvbuild.engine.action import Artifact
from fvbuild.engine.digest import content_of_file
from fvbuild.engine.shared import Shared, Signer, Trust, blob_name
from fvbuild.engine.shared_record import Record, parse
from fvbuild.engine.shared_table import Unsent
from fvbuild.engine.sniff import ASSEMBLY
from fvbuild.engine.takes import Take, Trace
from fvbuild.errors import ArtifactError, FilmBuildError, RemoteError

_AT_ONCE = 8
ADOPTED = "adopted"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A take to be sent."""

    take: Unsent
    trace: Trace


def record_of(parcel: Parcel, read: Callable[[str], bytes]) -> Record:
    """The record of a take, under the number it was drawn under. Raises ArtifactError."""
    take = parcel.trace.take
    pieces: dict[str, None] = {}
    for output in take.outputs:
        if output.media_type == ASSEMBLY:
            pieces.update(dict.fromkeys(assembly.parse(read(output.digest)).artifacts))
    drawn = replace(take, n=take.drawn)
    return Record(replace(parcel.trace, take=drawn), parcel.take.node, tuple(pieces))


class Sender:
    """Sends takes on threads of its own. ``offer`` and ``sent`` belong to one thread.

    ``down`` is why nothing more is sent; ``lost`` are takes whose artifacts are not here. ``fresh``
    counts takes of which anything had to be sent; ``unbelieved`` those that not even we believe,
    for want of a key.
    """

    def __init__(
        self,
        shared: Shared,
        signer: Signer,
        path: Callable[[str], Path],
        read: Callable[[str], bytes],
        known: Callable[[str], bool | None],
        trust: Trust,
    ) -> None:
        """``path`` and ``read`` give an artifact of the local store; ``known`` tells whether the
        shared store has one, None where that must be asked."""
        self._shared = shared
        self._signer = signer
        self._trust = trust
        self._path = path
        self._read = read
        self._known = known
        self._offered: queue.SimpleQueue[Parcel | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._blobs: dict[str, threading.Event] = {}
        self._there: set[str] = set()
        self._ended: queue.SimpleQueue[tuple[Unsent, Record | None]] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self.down: FilmBuildError | None = None
        self.lost: list[Unsent] = []
        self.offered = 0
        self.done = 0
        self.sent_bytes = 0
        self.fresh = 0
        self.unbelieved = 0

    def offer(self, parcel: Parcel) -> None:
        """Have a take sent, sooner or later."""
        if self.down is not None:
            return
        if len(self._threads) < min(_AT_ONCE, self.waiting + 1):
            # Daemons: leaving at once (a second Ctrl-C) needs no one's consent.
            self._threads.append(threading.Thread(target=self._serve, daemon=True))
            self._threads[-1].start()
        self.offered += 1
        self._offered.put(parcel)

    def sent(self, wait_s: float = 0.0) -> list[tuple[Unsent, list[Artifact]]]:
        """What was sent since the last time, with the artifacts that are there now; waits so long
        for a first one."""
        found: list[tuple[Unsent, list[Artifact]]] = []
        try:
            ended = self._ended.get(timeout=wait_s) if wait_s else self._ended.get_nowait()
            while True:
                self.done += 1
                if ended[1] is not None:
                    found.append((ended[0], list(ended[1].take.outputs)))
                ended = self._ended.get_nowait()
        except queue.Empty:
            return found

    @property
    def waiting(self) -> int:
        """How many takes were offered and have not ended."""
        return self.offered - self.done

    def stop(self) -> None:
        """Send nothing that was not begun."""
        self._stopped.set()

    def close(self) -> None:
        """Let the threads end, each with what it is at."""
        self.stop()
        for _ in self._threads:
            self._offered.put(None)

    # --- on threads -------------------------------------------------------------------------------

    def _serve(self) -> None:
        while (parcel := self._offered.get()) is not None:
            self._work(parcel)

    def _work(self, parcel: Parcel) -> None:
        record = None
        try:
            if not self._stopped.is_set() and self.down is None:
                record = self._send(parcel)
        except ArtifactError:
            self.lost.append(parcel.take)
        except FilmBuildError as error:
            self.down = self.down or error
        except Exception as error:  # a bug of ours must not hold a finished build
            self.down = self.down or RemoteError(f"{type(error).__name__}: {error}")
        self._ended.put((parcel.take, record))

    def _send(self, parcel: Parcel) -> Record:
        record = record_of(parcel, self._read)
        fresh = False
        for digest in record.blobs:
            fresh |= self._send_blob(digest)
        signed = self._signer.sign(record)
        if not signed.signature and self._trust.refusal(signed) is not None:
            self.unbelieved += 1
        exact, first = signed.names
        text = signed.text()
        fresh |= put_record(self._shared, exact, text, self._trust)
        if record.take.origin != ADOPTED:
            # What a person put in is this film's decision, and nobody else's result.
            put_record(self._shared, first, text, self._trust)
        with self._lock:
            self.fresh += fresh
        return signed

    def _send_blob(self, digest: str) -> bool:
        """Send an artifact unless it is there; one that another thread sends is waited for. Whether
        it was sent."""
        while True:
            with self._lock:
                if digest in self._there:
                    return False
                going = self._blobs.get(digest)
                if going is None:
                    self._blobs[digest] = threading.Event()
                    break
            going.wait()
        try:
            name = blob_name(digest)
            there = self._known(digest)
            there = self._shared.has(name) if there is None else there
            if not there:
                self._put(name, digest)
            with self._lock:
                self._there.add(digest)
            return not there
        finally:
            with self._lock:
                self._blobs.pop(digest).set()

    def _put(self, name: str, digest: str) -> None:
        path = self._path(digest)
        try:
            size_bytes = path.stat().st_size
            whole = content_of_file(path) == digest
        except OSError as error:
            raise ArtifactError(f"artifact {digest[:12]} is missing") from error
        if not whole:
            raise ArtifactError(f"artifact {digest[:12]} is corrupt")
        self._shared.write_file(name, path)
        with self._lock:
            self.sent_bytes += size_bytes


def put_record(shared: Shared, name: str, text: bytes, trust: Trust) -> bool:
    """Write a record unless one that counts is there: what nobody believes, or what was said of
    another take, must not stand where others look, and what they believe is not signed by somebody
    else instead. Whether it was written."""
    if shared.create(name, text):
        return True
    said = shared.read(name) or b""
    there = parse(said)
    counts = there is not None and name in there.names and trust.refusal(there) is None
    if said == text or counts:
        return False
    shared.write(name, text)
    return True


def sendable(take: Take) -> bool:
    """Whether a take has anything that others could use: pure text is worked out by everyone."""
    return bool(take.outputs)
