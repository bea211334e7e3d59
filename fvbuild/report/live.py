"""Progress on a terminal: one bar for all, a few lines of what runs now, and calm at any size.

At most :data:`_ROWS` rows are redrawn four times a second by a thread of its own, so that the cost
does not grow with the number of nodes (a table of 10,000 tasks redrawn by a general library took
88 % of a core). What must not be lost (failures, notes, and in small builds each node) is written
above as ordinary lines, which stay.
"""

from __future__ import annotations

import shutil
import threading
import time
import unicodedata
from collections.abc import Callable
from typing import TextIO

from fvbuild.engine.events import (
    BuildFinished,
    BuildStarted,
    Did,
    Event,
    NodeFinished,
    Note,
    Transfer,
)
from fvbuild.report import words
from fvbuild.report.reporter import stopping_words, transfer_words
from fvbuild.report.style import Style, safe
from fvbuild.report.tally import FAILURES_TOLD, Running, Tally

_ROWS = 20
_INTERVAL_S = 0.25
_LINE_EACH_UP_TO = 60
_SLOW_S = 0.05
_HIDE_CURSOR = "\x1b[?25l"
_SHOW_CURSOR = "\x1b[?25h"
_BAR_CELLS = 30
_NODE_BAR_CELLS = 12


def cells(text: str) -> int:
    """How many columns a terminal gives to a text without escapes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) != 0 for sign in text)


def fit(text: str, width: int, *, keep_end: bool = False) -> str:
    """The text in exactly ``width`` columns; an id keeps its end, which tells it apart."""
    if cells(text) <= width:
        return text + " " * (width - cells(text))
    kept = text
    while kept and cells(kept) > width - 1:
        kept = kept[1:] if keep_end else kept[:-1]
    short = f"…{kept}" if keep_end else f"{kept}…"
    return short + " " * (width - cells(short))


class Live:
    """A reporter that draws. ``close`` leaves the terminal as it was found."""

    def __init__(
        self,
        stream: TextIO,
        style: Style,
        *,
        verbose: bool = False,
        clock: Callable[[], float] = time.monotonic,
        size: Callable[[], tuple[int, int]] = lambda: shutil.get_terminal_size(),
    ) -> None:
        self._stream = stream
        self._style = style
        self._verbose = verbose
        self._clock = clock
        self._size = size
        self._tally = Tally(clock)
        self._lock = threading.RLock()
        self._drawn = 0
        self._above: list[str] = []
        self._transfer: Transfer | None = None
        self._stopping = False
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, event: Event) -> None:
        """Take an event in; the next redraw shows it."""
        with self._lock:
            self._tally.add(event)
            if isinstance(event, BuildStarted) and event.todo and self._thread is None:
                self._start()
            elif isinstance(event, NodeFinished):
                self._keep(event)
            elif isinstance(event, Note):
                warning = event.level == "warning"
                label = self._style.yellow("warning:") if warning else self._style.dim("note:")
                self._above.append(f"{label} {safe(event.message)}")
            elif isinstance(event, Transfer):
                self._carry(event)
            elif isinstance(event, BuildFinished):
                self.draw(final=True)

    def _carry(self, event: Transfer) -> None:
        """Show what is on its way, and leave a line once it is there."""
        done = event.done >= event.total
        self._transfer = None if done else event
        if done:
            self._above.append("  " + transfer_words(event))
        if self._thread is None:
            self._start()

    def stopping(self) -> None:
        """Say from the next redraw on that the build stops. Safe in a signal handler."""
        self._stopping = True

    def close(self) -> None:
        """Stop, erase the view and show the cursor again."""
        if self._closed.is_set():
            return
        self._closed.set()
        if self._thread is not None:
            self._thread.join(timeout=2)
        with self._lock:
            self.draw(final=True)
            if self._thread is not None:
                self._emit(_SHOW_CURSOR)

    def _start(self) -> None:
        self._emit(_HIDE_CURSOR)
        self._thread = threading.Thread(target=self._redraw, name="live view", daemon=True)
        self._thread.start()

    # --- drawing ----------------------------------------------------------------------------------

    def _redraw(self) -> None:
        while not self._closed.wait(_INTERVAL_S):
            with self._lock:
                self.draw()

    def draw(self, *, final: bool = False) -> None:
        """Write what stays, then the view anew; ``final``: without the view."""
        above, self._above = self._above, []
        rows = [] if final else self._view()
        # Erase line by line from the top of the old view, so that nothing flickers.
        text = f"\x1b[{self._drawn}F" if self._drawn else ""
        text += "".join(f"{line}\x1b[K\n" for line in (*above, *rows))
        if len(above) + len(rows) < self._drawn:
            text += "\x1b[J"
        self._drawn = len(rows)
        if text:
            self._emit(text)

    def _emit(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # the terminal is gone; the build is not
            self._closed.set()

    def _keep(self, event: NodeFinished) -> None:
        """Write the line that stays, when this end is worth one."""
        result, style = event.result, self._style
        if result.action is Did.FAILED:
            if self._tally.counts[Did.FAILED] > FAILURES_TOLD:
                return  # counted below, and listed at the end
            first = (result.message.strip().splitlines() or ["failed"])[0]
            self._above.append(f"  {style.red('failed')}  {safe(result.node)}: {safe(first)}")
            return
        few = self._tally.todo <= _LINE_EACH_UP_TO
        if result.action is Did.BUILT and (self._verbose or (few and result.seconds >= _SLOW_S)):
            took = style.dim(f"  {self._tally.took(result)}")
            self._above.append(f"  {style.green('built')}  {safe(result.node)}{took}")

    def _view(self) -> list[str]:
        columns, lines = self._size()
        tally, style, width = self._tally, self._style, max(20, columns - 1)
        carried = self._carried(width)
        if not tally.todo:
            return carried
        running = sorted(tally.running.values(), key=lambda one: one.since)
        room = max(0, min(_ROWS, lines - 2) - 2)
        shown = running if len(running) <= room else running[: max(0, room - 1)]
        longest = max((cells(safe(one.node)) for one in shown), default=0)
        name_cells = max(8, min(longest, 44, width - _NODE_BAR_CELLS - 12))
        rows = [self._running(one, name_cells, width) for one in shown]
        if len(running) > len(shown):
            rows.append(style.dim(f"  and {len(running) - len(shown)} more running"))
        return [*rows, *carried, *self._foot(width)]

    def _carried(self, width: int) -> list[str]:
        """What is on its way to or from a shared store."""
        if self._transfer is None:
            return []
        return [self._style.dim("  " + transfer_words(self._transfer)[: width - 2])]

    def _running(self, one: Running, name_cells: int, width: int) -> str:
        name = fit(safe(one.node), name_cells, keep_end=True)
        bar = self._style.bar(one.done, _NODE_BAR_CELLS)
        took = f"{self._clock() - one.since:4.0f} s"
        note = " ".join(part for part in (one.target or "", safe(one.note)) if part)
        left = width - name_cells - _NODE_BAR_CELLS - len(took) - 8
        note = f"  {self._style.dim(fit(note, left).rstrip())}" if left > 8 and note else ""
        return f"  {name}  {bar}  {took}{note}"

    def _foot(self, width: int) -> list[str]:
        tally, style = self._tally, self._style
        if self._stopping:
            return [style.yellow(stopping_words(len(tally.running))[:width])]
        bar_cells = max(8, min(_BAR_CELLS, width - 30))
        share = f"{tally.done:,}/{tally.todo:,}"
        left = width - bar_cells - len(share) - 4
        told = ""
        for part in (words.seconds(tally.elapsed_s), tally.rest(), tally.summary()):
            longer = f"{told}, {part}" if told and part else told or part
            told = longer if len(longer) <= left else told
        failed = tally.counts[Did.FAILED]
        paint = style.red if failed else style.dim
        return [f"{style.bar(tally.share, bar_cells)}  {share}  {paint(told)}"]
