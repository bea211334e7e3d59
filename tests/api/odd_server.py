"""A server on loopback that behaves as badly as a test wants: hangs up, drips, lies, echoes."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Got:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Say:
    """An answer. ``cut``: hang up after so many bytes of the body. ``drip_s``: pause between bytes.

    ``hang_up``: say nothing at all. ``wait_s``: think first. ``length``: claim another length.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    drip_s: float = 0.0
    wait_s: float = 0.0
    hang_up: bool = False
    close: bool = False
    length: int | None = None


def say(value: Any, status: int = 200, **options: Any) -> Say:
    """An answer in JSON."""
    headers = {"content-type": "application/json", **options.pop("headers", {})}
    return Say(status, json.dumps(value).encode(), headers, **options)


Handler = Callable[[Got], Say]


class OddServer:
    """Serves one handler. ``got`` are the requests so far; ``connections`` counts the sockets."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.got: list[Got] = []
        self.connections = 0
        # Hang up as soon as the headers are there: of a large body, not all was sent then.
        self.refuse_bodies = False
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._guard = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as reader, contextlib.suppress(OSError):
            while (got := self._read(reader)) is not None:
                with self._guard:
                    self.got.append(got)
                if not self._answer(connection, got, self.handler(got)):
                    return

    def _read(self, reader: Any) -> Got | None:
        first = reader.readline().decode("latin-1")
        if first.count(" ") != 2:  # the end, or no HTTP
            return None
        method, path, _ = first.split(" ", 2)
        headers: dict[str, str] = {}
        while (line := reader.readline().decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if self.refuse_bodies:
            return None
        return Got(method, path, headers, reader.read(int(headers.get("content-length", "0"))))

    def _answer(self, connection: socket.socket, got: Got, answer: Say) -> bool:
        time.sleep(answer.wait_s)
        if answer.hang_up:
            return False
        length = len(answer.body) if answer.length is None else answer.length
        headers = {"content-length": str(length), **answer.headers}
        lines = [f"HTTP/1.1 {answer.status} X", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        connection.sendall("\r\n".join(lines).encode())
        body = answer.body if answer.cut is None else answer.body[: answer.cut]
        if answer.drip_s:
            for at in range(len(body)):
                connection.sendall(body[at : at + 1])
                time.sleep(answer.drip_s)
        else:
            connection.sendall(body)
        return answer.cut is None and not answer.close


@contextlib.contextmanager
def serving(handler: Handler) -> Iterator[OddServer]:
    """A server for the length of a ``with``."""
    server = OddServer(handler)
    try:
        yield server
    finally:
        server.close()
