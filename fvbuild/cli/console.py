"""The two streams: results to stdout, everything said about them to stderr."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from fvbuild.errors import FilmBuildError, ManifestError
from fvbuild.report.style import Style, safe


class Console:
    """Where a command writes. A reader that goes away (``| head``) is no error."""

    def __init__(
        self,
        *,
        no_color: bool = False,
        quiet: bool = False,
        out: TextIO | None = None,
        err: TextIO | None = None,
    ) -> None:
        self._out = out or sys.stdout
        self.err = err or sys.stderr
        self.quiet = quiet
        self.gone = False
        self.style = Style.of(self._out, no_color=no_color)
        self.err_style = Style.of(self.err, no_color=no_color)
        for stream in (self._out, self.err):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="replace")

    def for_programs(self) -> None:
        """Results are read by programs from here on: UTF-8 to the letter in every locale."""
        reconfigure = getattr(self._out, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="surrogateescape")

    def out(self, lines: Iterable[str]) -> None:
        """Results."""
        try:
            for line in lines:
                self._out.write(line + "\n")
            self._out.flush()
        except BrokenPipeError:
            self.gone = True
            mute(self._out)

    def say(self, line: str) -> None:
        """Something on the way: progress and notes, unless the user wants quiet."""
        if not self.quiet:
            self.tell(line)

    def tell(self, line: str) -> None:
        """Something that is said even under ``--quiet``."""
        try:
            self.err.write(line + "\n")
            self.err.flush()
        except OSError:  # nobody can be told, and what is being done is worth more
            mute(self.err)

    def urgent(self, line: str) -> None:
        """Something said from a signal handler: past the stream's locks and buffers."""
        with contextlib.suppress(OSError, ValueError):
            os.write(self.err.fileno(), (line + "\n").encode())

    def warning(self, message: str) -> None:
        """A warning."""
        self.tell(f"{self.err_style.yellow('warning:')} {safe(message)}")

    def error(self, error: FilmBuildError) -> None:
        """An error: what, where, and the next step."""
        if isinstance(error, ManifestError) and error.place is None:
            self.diagnostics(error.message)
            return
        place = f"{safe(error.place)}: " if error.place else ""
        self.tell(f"{self.err_style.red('error:')} {place}{safe(error.message)}")
        if error.hint:
            self.tell(f"  {self.err_style.bold('hint:')} {safe(error.hint)}")

    def diagnostics(self, text: str) -> None:
        """A film's diagnostics, ready to print but for their colours."""
        style = self.err_style
        told = safe(text).replace(": error: ", f": {style.red('error:')} ")
        self.tell(told.replace(": warning: ", f": {style.yellow('warning:')} "))


def mute(stream: TextIO) -> None:
    """Let a stream whose reader is gone write to nowhere, so that nothing fails at exit."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # not a real file: nothing is flushed at exit either
        return
