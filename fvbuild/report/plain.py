"""Progress where no terminal is: one calm line a node, or, for many nodes, a line now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from fvbuild.engine.events import BuildStarted, Did, Event, NodeFinished, Note, Result, Transfer
from fvbuild.report import words
from fvbuild.report.reporter import stopping_words, transfer_words
from fvbuild.report.style import Style, safe
from fvbuild.report.tally import FAILURES_TOLD, Tally

_LINE_EACH_UP_TO = 200
_EVERY_S = 5.0
_WORDS = {
    Did.BUILT: "built",
    Did.CUTOFF: "unchanged",
    Did.HELD: "held",
    Did.FAILED: "failed",
    Did.SKIPPED: "skipped",
}


class Plain:
    """A reporter that writes lines. ``verbose`` writes one for every node, reused ones too.

    ``urgent`` writes a line without locks or buffers, for use in a signal handler.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        style: Style,
        *,
        urgent: Callable[[str], None],
        verbose: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._urgent = urgent
        self._style = style
        self._verbose = verbose
        self._tally = Tally(clock)
        self._clock = clock
        self._last = clock()
        self._lock = threading.RLock()

    def __call__(self, event: Event) -> None:
        """Say what is worth a line."""
        with self._lock:
            self._tally.add(event)
            match event:
                case BuildStarted() if event.todo:
                    self._last = self._clock()
                    self._write(
                        f"building {safe(event.film)}: {event.todo:,} of "
                        f"{words.count(event.nodes, 'node')} to do"
                    )
                case NodeFinished():
                    self._finished(event.result)
                case Transfer() if self._is_time(event):
                    self._write("  " + transfer_words(event))
                case Note():
                    paint = self._style.yellow if event.level == "warning" else self._style.dim
                    label = "warning" if event.level == "warning" else "note"
                    self._write(f"{paint(label + ':')} {safe(event.message)}")
                case _:
                    pass

    def _is_time(self, event: Transfer) -> bool:
        """Now and then while things are on their way, and once they are there."""
        if event.done < event.total and self._clock() - self._last < _EVERY_S:
            return False
        self._last = self._clock()
        return True

    def stopping(self) -> None:
        """Say so: it may take a moment."""
        self._urgent(stopping_words(len(self._tally.running)))

    def close(self) -> None:
        """Nothing is held."""

    def _finished(self, result: Result) -> None:
        if result.action is Did.FAILED:
            if self._tally.counts[Did.FAILED] > FAILURES_TOLD:
                return
            message = result.message.strip().splitlines() or ["failed"]
            self._write(f"  {self._style.red('failed')}  {safe(result.node)}: {safe(message[0])}")
        elif self._verbose or self._tally.todo <= _LINE_EACH_UP_TO:
            if result.action in (Did.BUILT, Did.CUTOFF) or self._verbose:
                self._write(self._line(result))
        elif self._clock() - self._last >= _EVERY_S:
            self._last = self._clock()
            self._write(self._now())

    def _line(self, result: Result) -> str:
        word = _WORDS.get(result.action, result.action.value)
        facts = []
        if result.action is Did.BUILT:
            facts += [self._tally.took(result)] if result.seconds >= 0.05 else []
            if result.target:
                facts.append(result.target)
            if result.cost and result.cost.amount:
                facts.append(words.money(result.cost.amount, result.cost.currency))
        width = len(f"{self._tally.todo}")
        at = f"{self._tally.done:>{width}}/{self._tally.todo}"
        told = f"  ({', '.join(facts)})" if facts else ""
        return f"  {self._style.dim(at)}  {word:<9} {safe(result.node)}{self._style.dim(told)}"

    def _now(self) -> str:
        tally = self._tally
        parts = [
            f"{tally.done:,} of {tally.todo:,} done ({tally.share:.0%})",
            words.seconds(tally.elapsed_s),
            tally.rest(),
        ]
        failed = tally.counts[Did.FAILED]
        if failed:
            parts.append(self._style.red(f"{failed:,} failed"))
        return "  " + ", ".join(part for part in parts if part)
