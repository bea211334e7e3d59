"""``python -m fvbuild.targets.diffusers.worker``: serves one build on one device until it is told.

Standard output carries messages alone; whatever libraries print goes to standard error.
"""

from __future__ import annotations

import argparse
import os
import queue
import sys
import threading
from dataclasses import dataclass
from typing import IO, Any

from fvbuild.targets.diffusers.worker import messages


@dataclass(slots=True)
class _Inbox:
    """Requests in order, and whether the one that runs is to be cancelled."""

    requests: queue.SimpleQueue[dict[str, Any] | None]
    cancel: threading.Event

    def listen(self, stream: IO[bytes]) -> None:
        """Take messages in until the build is gone; then there is nobody to work for."""
        for message in messages.received(stream):
            if message["do"] == "cancel":
                self.cancel.set()
            elif message["do"] == "stop":
                break
            else:
                self.requests.put(message)
        self.cancel.set()
        self.requests.put(None)


def main() -> int:
    """Serve requests one after the other."""
    parser = argparse.ArgumentParser(prog="fvbuild-worker")
    parser.add_argument("--device", default="cpu")
    device = parser.parse_args().device
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    inbox = _Inbox(queue.SimpleQueue(), threading.Event())
    threading.Thread(target=inbox.listen, args=(sys.stdin.buffer,), daemon=True).start()
    from fvbuild.targets.diffusers.worker.serving import Bench

    bench = Bench(device, lambda message: messages.send(out, message), inbox.cancel)
    messages.send(out, {"ready": bench.described()})
    while (request := inbox.requests.get()) is not None:
        inbox.cancel.clear()
        messages.send(out, bench.answer(request))
    return 0


if __name__ == "__main__":
    sys.exit(main())
