"""What every display of a running build has, and the one that displays nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fvbuild.engine.events import (
    Event,
    Listener,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Note,
    Transfer,
)
from fvbuild.report import words
from fvbuild.report.style import safe


class Reporter(Protocol):
    """A listener with a beginning and an end. It draws what it hears, and asks nothing."""

    def __call__(self, event: Event) -> None:
        """Take an event in. Called from several threads."""
        ...

    def stopping(self) -> None:
        """The build was asked to stop. Called from a signal handler: takes no lock."""
        ...

    def close(self) -> None:
        """The build is over, or is being left."""
        ...


def stopping_words(running: int) -> str:
    """What is said when a build is asked to stop."""
    if not running:
        return "stopping (interrupt again to leave at once)"
    nodes = words.count(running, "running node")
    return f"stopping: waiting for {nodes} (interrupt again to leave at once)"


def transfer_words(event: Transfer) -> str:
    """How far what is on its way to or from a shared store is."""
    of = f"{event.done:,} of {event.total:,}" if event.done < event.total else f"{event.total:,}"
    return f"{of} {event.verb} {safe(event.place)} ({words.size(event.size_bytes)})"


class Silent:
    """Tells nothing but warnings."""

    def __init__(self, warn: Callable[[str], None], urgent: Callable[[str], None]) -> None:
        self._warn = warn
        self._urgent = urgent
        self._running: set[str] = set()

    def __call__(self, event: Event) -> None:
        """Count what runs, and pass warnings on."""
        match event:
            case NodeStarted():
                self._running.add(event.node)
            case NodeProgress() if event.done >= 1:
                self._running.discard(event.node)
            case NodeFinished():
                self._running.discard(event.result.node)
            case Note() if event.level == "warning":
                self._warn(event.message)
            case _:
                pass

    def stopping(self) -> None:
        """Say so: it may take a moment."""
        self._urgent(stopping_words(len(self._running)))

    def close(self) -> None:
        """Nothing is held."""


def both(first: Listener, second: Listener) -> Listener:
    """A listener that passes every event to two."""

    def listener(event: Event) -> None:
        first(event)
        second(event)

    return listener
