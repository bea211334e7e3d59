"""The other processes of a group: one a device, told what to do by the one that the build talks to.

All of them make the same take, and a step of denoising is computed by all. If one dies, nobody can
go on: the group ends with it, and says why.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fvbuild.targets.diffusers.worker import messages

_HEARD_S = 0.5
"""How long the end of another process may take to be noticed, when something went wrong here."""
_END_WAIT_S = 3.0


class Group:
    """The processes of a group besides this one."""

    def __init__(self, ranks: int, kind: str, tell: Callable[[dict[str, Any]], None]) -> None:
        """Start them. ``kind``: cpu or cuda. ``tell`` gives the build its answer."""
        self._tell = tell
        self._ending = threading.Lock()
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._folder = tempfile.TemporaryDirectory(prefix="fvbuild-group-")
        self.meeting = Path(self._folder.name) / "meeting"
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-P", "-m", "fvbuild.targets.diffusers.worker",
                 "--device", "cpu" if kind == "cpu" else f"cuda:{rank}", "--rank", str(rank),
                 "--ranks", str(ranks), "--meeting", str(self.meeting)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
            for rank in range(1, ranks)
        ]  # fmt: skip
        for rank, process in enumerate(self._processes, 1):
            threading.Thread(target=self._listen, args=(rank, process), daemon=True).start()

    def send(self, request: dict[str, Any]) -> None:
        """Have all do the same. Who is gone is told by the one that listens to it."""
        for process in self._processes:
            assert process.stdin is not None
            with contextlib.suppress(OSError):
                messages.send(process.stdin, request)

    def wait(self) -> None:
        """Until all have answered."""
        for _ in self._processes:
            self._answers.get()

    def end(self, answer: dict[str, Any]) -> None:
        """Something went wrong here: the others wait for us in vain. Tell it, and end the group;
        unless one of them says what it comes from. Never returns."""
        time.sleep(_HEARD_S)
        self._end(lambda: self._tell({**answer, "ended": True}))

    def close(self) -> None:
        """There is no more to do."""
        with self._ending:
            for process in self._processes:
                assert process.stdin is not None
                with contextlib.suppress(OSError):
                    process.stdin.close()
            for process in self._processes:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_END_WAIT_S)
            self._kill()

    def _listen(self, rank: int, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for message in messages.received(process.stdout):
            if "error" in message:
                self.end(message)
            elif "made" in message or "loaded" in message:
                self._answers.put(message)
        code = process.wait()
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"

        def say() -> None:
            sys.stderr.write(f"\nthe process on device {rank + 1} of the group {how}\n")

        self._end(say)

    def _end(self, say: Callable[[], None]) -> None:
        with self._ending:
            say()
            sys.stderr.flush()
            self._kill()
            self._folder.cleanup()
            os._exit(1)

    def _kill(self) -> None:
        for process in self._processes:
            process.kill()
