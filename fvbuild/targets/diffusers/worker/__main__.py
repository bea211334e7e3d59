"""``python -m fvbuild.targets.diffusers.worker``: serves one build on one device until it is told.

Standard output carries messages alone; whatever libraries print goes to standard error. With
``--ranks`` it is the first of a group of processes, which it starts, one a device.
"""

from __future__ import annotations

import argparse
import os
import queue
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from fvbuild.targets.diffusers.worker import messages
from fvbuild.targets.diffusers.worker.group import Group


@dataclass(slots=True)
class _Inbox:
    """Requests in order, and whether the one that runs is to be cancelled.

    ``alone``: without whoever asks, nothing is to be done any more, not even ended.
    """

    requests: queue.SimpleQueue[dict[str, Any] | None]
    cancel: threading.Event
    alone: bool

    def listen(self, stream: IO[bytes]) -> None:
        """Take messages in until the build is gone; then there is nobody to work for."""
        for message in messages.received(stream):
            if message["do"] == "cancel":
                self.cancel.set()
            elif message["do"] == "stop":
                break
            else:
                self.requests.put(message)
        if not self.alone:
            os._exit(0)  # it may be waiting for a process that is gone
        self.cancel.set()
        self.requests.put(None)


def main() -> int:
    """Serve requests one after the other."""
    parser = argparse.ArgumentParser(prog="fvbuild-worker")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rank", type=int, default=0)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--meeting", type=Path, default=None)
    given = parser.parse_args()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(message: dict[str, Any]) -> None:
        messages.send(out, message)

    group = None
    if given.ranks > 1 and given.rank == 0:
        group = Group(given.ranks, given.device.partition(":")[0], tell)
    inbox = _Inbox(queue.SimpleQueue(), threading.Event(), given.rank == 0)
    threading.Thread(target=inbox.listen, args=(sys.stdin.buffer,), daemon=True).start()
    from fvbuild.targets.diffusers.worker.serving import Bench

    meeting = group.meeting if group is not None else given.meeting
    bench = Bench(given.device, tell, inbox.cancel, given.rank, given.ranks, meeting)
    tell({"ready": bench.versions()})
    while (request := inbox.requests.get()) is not None:
        inbox.cancel.clear()
        together = group if request["do"] in messages.OF_ALL else None
        if together is not None:
            together.send(request)
        answer = bench.answer(request)
        if together is not None:
            if "error" in answer:
                together.end(answer)
            together.wait()
        tell(answer)
    if group is not None:
        group.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
