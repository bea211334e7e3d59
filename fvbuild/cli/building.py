"""What the commands that build have in common: options, progress, interrupts, and the ending."""

from __future__ import annotations

import argparse
import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import field
from types import FrameType
from typing import TYPE_CHECKING

from fvbuild.cli.console import Console
from fvbuild.cli.guard import leave_at_once
from fvbuild.cli.opening import command_prefix
from fvbuild.engine.events import Event, Listener, Note, Report
from fvbuild.report import ending
from fvbuild.report.reporter import Reporter, Silent, both
from fvbuild.report.style import is_terminal
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.project import Project


@dataclass(slots=True)
class Running:
    """A build under way: whom it tells, how it is stopped, and which notes were told."""

    listener: Listener
    cancel: threading.Event = field(default_factory=threading.Event)
    noted: set[str] = field(default_factory=set)

    def hear(self, event: Event) -> None:
        """The listener to give to a build."""
        if isinstance(event, Note):
            self.noted.add(event.message)
        self.listener(event)


@contextlib.contextmanager
def running(args: argparse.Namespace, console: Console) -> Iterator[Running]:
    """A build's surroundings: progress is drawn and interrupts are heard while this is open."""
    reporter = _reporter(args, console)
    with contextlib.ExitStack() as ends:
        ends.callback(reporter.close)
        build = Running(reporter)
        if getattr(args, "events", None) is not None:
            from fvbuild.report.jsonl import EventLines

            lines = EventLines.open(args.events, console.warning)
            ends.callback(lines.close)
            build.listener = both(reporter, lines)
        ends.enter_context(interrupts(build.cancel, reporter))
        yield build


def _reporter(args: argparse.Namespace, console: Console) -> Reporter:
    if console.quiet:
        return Silent(console.warning, console.urgent)
    if is_terminal(console.err):
        from fvbuild.report.live import Live

        return Live(console.err, console.err_style, verbose=args.verbose)
    from fvbuild.report.plain import Plain

    return Plain(console.say, console.err_style, urgent=console.urgent, verbose=args.verbose)


@contextlib.contextmanager
def interrupts(cancel: threading.Event, reporter: Reporter) -> Iterator[None]:
    """While open, the first SIGINT or SIGTERM asks the build to stop; the second leaves at once."""

    def heard(_number: int, _frame: FrameType | None) -> None:
        if cancel.is_set():
            reporter.close()
            leave_at_once()
        cancel.set()
        reporter.stopping()

    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {n: signal.signal(n, heard) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tell(
    project: Project,
    report: Report,
    build: Running,
    args: argparse.Namespace,
    console: Console,
) -> None:
    """The ending: results to stdout, what needs a person to stderr, failures last."""
    if args.json:
        from fvbuild.report.plan_json import report_json

        console.out(report_json(report))
    elif console.quiet:
        console.out(ending.nearby(path) for path in report.shown)
    else:
        console.out(ending.made(report, console.style))
    told = ending.attention(
        report, console.err_style, command_prefix(args), build.noted, project.out_paths
    )
    for line in told:
        console.tell(line)
