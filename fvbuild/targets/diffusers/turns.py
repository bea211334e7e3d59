"""Builds of one user at once take turns on a device: its memory is one build's at a time.

A build holds a device from its first node on it to its end; a second one waits, and says so.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fvbuild.engine.leases import Leases
from fvbuild.errors import Interrupted

_LOOK_EVERY_S = 0.5


class Turns:
    """The devices that this process holds."""

    def __init__(self, folder: Path | None = None) -> None:
        own = f"fvbuild-{os.getuid()}"
        self._leases = Leases(folder or Path(tempfile.gettempdir()) / own / "devices")
        self._held: set[int | str] = set()

    def take(
        self,
        devices: Sequence[int | str],
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """Wait for devices. A processor is shared, and never waited for. Raises Interrupted."""
        for device in sorted(each for each in devices if isinstance(each, int)):
            if device in self._held:
                continue
            while not self._leases.take(_name(device)):
                if cancelled():
                    raise Interrupted("stopped")
                progress(0.0, f"waits for GPU {device}, which another build uses")
                time.sleep(_LOOK_EVERY_S)
            self._held.add(device)

    def give_back(self, devices: Sequence[int | str]) -> None:
        """Let others have them."""
        for device in self._held.intersection(devices):
            self._leases.give_back(_name(device))
            self._held.discard(device)


def _name(device: int | str) -> str:
    return f"gpu {device}"
