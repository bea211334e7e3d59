"""A film opened, with what can be done to the shared store for it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.events import Event, Listener
from fvbuild.project.opened import OpenFilm

if TYPE_CHECKING:
    from fvbuild.engine.shared_gc import RemoteReport
    from fvbuild.project.remote_check import RemoteCheck
    from fvbuild.project.transferring import Transferred


def silent(_event: Event) -> None:
    """Hears nothing."""


class SharedFilm(OpenFilm):
    """The part of a film that is about the shared store."""

    def shared_notes(self) -> list[str]:
        """What a person should know of it after a look at the film."""
        if self.sharing is None:
            return []
        from fvbuild.project.sharing import notes

        return notes(self.sharing)

    def gc_remote(
        self, apply: bool = False, *, paid: bool, days: float, others: Sequence[Path] = ()
    ) -> RemoteReport:
        """Find, and with ``apply`` remove, what no lock needs of the shared store."""
        from fvbuild.project import transferring

        return transferring.gc_remote(self, apply=apply, paid=paid, days=days, others=others)

    def push(
        self,
        goals: Sequence[str] = (),
        listener: Listener = silent,
        cancel: threading.Event | None = None,
        *,
        repair: bool = False,
    ) -> Transferred:
        """Send the takes of the goals to the shared store; ``repair``: also over what is damaged
        there."""
        from fvbuild.project import transferring

        cancel = cancel or threading.Event()
        return transferring.push(self, goals, listener, cancel, repair=repair)

    def verify_remote(
        self, listener: Listener = silent, cancel: threading.Event | None = None
    ) -> RemoteCheck:
        """Read all that the film needs of the shared store, and name what is wrong there."""
        from fvbuild.project.remote_check import check_remote

        return check_remote(self, listener, cancel or threading.Event())

    def pull(
        self,
        goals: Sequence[str] = (),
        level: str = "all",
        listener: Listener = silent,
        cancel: threading.Event | None = None,
    ) -> Transferred:
        """Bring the results of the goals from the shared store, and show them."""
        from fvbuild.project import transferring

        return transferring.pull(self, goals, level, listener, cancel or threading.Event())
