"""``--events FILE``: every event as one line of JSON, on the disk as soon as it happens.

``at`` is seconds since the epoch. ``event`` is the event's name: ``build_started`` (once more for
each round of a build, where something turned out to be lost in the shared store),
``node_started``, ``node_progress`` (at most four a second for a node), ``node_finished``, ``note``,
``transfer``, ``build_finished``. ``node_finished`` has the keys of a step of ``build --json``.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from fvbuild.engine.digest import Json
from fvbuild.engine.events import (
    BuildFinished,
    BuildStarted,
    Event,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Note,
    Transfer,
)
from fvbuild.errors import UsageError
from fvbuild.report.plan_json import VERSION, price_json, result_json, spent

_PROGRESS_INTERVAL_S = 0.25


def event_json(event: Event) -> dict[str, Json]:
    """An event's name and what it says."""
    match event:
        case BuildStarted():
            return {
                "event": "build_started",
                "version": VERSION,
                "film": event.film,
                "profile": event.profile,
                "nodes": event.nodes,
                "todo": event.todo,
            }
        case NodeStarted():
            return {
                "event": "node_started",
                "node": event.node,
                "kind": event.kind,
                "take": event.take,
                "target": event.target,
            }
        case NodeProgress():
            done = round(event.done, 4)
            return {"event": "node_progress", "node": event.node, "done": done, "note": event.note}
        case NodeFinished():
            return {"event": "node_finished", **result_json(event.result)}
        case Note():
            return {"event": "note", "level": event.level, "message": event.message}
        case Transfer():
            return {
                "event": "transfer",
                "what": f"{event.verb} {event.place}",
                "done": event.done,
                "total": event.total,
                "size_bytes": event.size_bytes,
            }
        case BuildFinished():
            return _finished_json(event)


def _finished_json(event: BuildFinished) -> dict[str, Json]:
    report = event.report
    counts: dict[str, Json] = {}
    for result in report.results:
        so_far = counts.get(result.action.value, 0)
        assert isinstance(so_far, int)
        counts[result.action.value] = so_far + 1
    return {
        "event": "build_finished",
        "seconds": round(report.seconds, 3),
        "interrupted": report.interrupted,
        "totals": counts,
        "cost": price_json(spent(report)),
        "shown": list(report.shown),
    }


class EventLines:
    """A listener that writes one line an event. A disk that fills up stops it, not the build."""

    def __init__(
        self, file: TextIO, complain: Callable[[str], None], now: Callable[[], float] = time.time
    ) -> None:
        self._file = file
        self._complain = complain
        self._now = now
        self._lock = threading.Lock()
        self._told: dict[str, float] = {}
        self._broken = False

    @classmethod
    def open(cls, path: Path, complain: Callable[[str], None]) -> EventLines:
        """Raises UsageError when the file cannot be written."""
        try:
            # Kept open for the whole build, and closed by close().
            return cls(path.open("w", encoding="utf-8"), complain)
        except OSError as error:
            raise UsageError(
                f"cannot write the events to '{path}': {error.strerror}",
                hint="give --events a file in a folder that exists and can be written",
            ) from None

    def __call__(self, event: Event) -> None:
        """Write one event."""
        at = self._now()
        with self._lock:
            if self._broken:
                return
            if isinstance(event, NodeProgress):
                if event.done >= 1:
                    return  # its end is told by node_finished
                if at - self._told.get(event.node, 0.0) < _PROGRESS_INTERVAL_S:
                    return
                self._told[event.node] = at
            line = json.dumps({"at": round(at, 3), **event_json(event)}, ensure_ascii=False)
            try:
                self._file.write(line + "\n")
                self._file.flush()
            except OSError as error:
                self._broken = True
                self._complain(f"the events are no longer written: {error.strerror}")

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError:
            self._broken = True
