"""Connections whose reader notices soon that the build is being stopped."""

from __future__ import annotations

import select
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from fvbuild.errors import Interrupted
from fvbuild.targets.api.waiting import Cancelled, never

_LOOK_EVERY_S = 0.15


class _Stop(threading.local):
    """What the requests of this thread listen to."""

    cancelled: Cancelled = staticmethod(never)


_stop = _Stop()


@contextmanager
def stoppable(cancelled: Cancelled) -> Iterator[None]:
    """What this thread reads inside ends with Interrupted soon after ``cancelled()`` is true."""
    before = _stop.cancelled
    _stop.cancelled = cancelled
    try:
        yield
    finally:
        _stop.cancelled = before


class StoppableStream(httpcore.NetworkStream):
    """A connection that waits for its answer in slices where somebody may stop it."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there. Raises Interrupted."""
        if _stop.cancelled is not never:
            self._wait(timeout)
        return self._inner.read(max_bytes, timeout)

    def _wait(self, timeout: float | None) -> None:
        """Return once there is something to read, or when time is up."""
        connection = self._inner.get_extra_info("socket")
        if isinstance(connection, ssl.SSLSocket) and connection.pending():
            return
        ends_s = time.monotonic() + (timeout if timeout is not None else float("inf"))
        poller = select.poll()
        poller.register(connection, select.POLLIN)
        while not poller.poll(_LOOK_EVERY_S * 1000):
            if _stop.cancelled():
                raise Interrupted("stopped")
            if time.monotonic() > ends_s:
                raise httpcore.ReadTimeout("timed out")

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        """Close it."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted."""
        return StoppableStream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Facts of the connection below."""
        return self._inner.get_extra_info(info)
