"""Connections whose reader notices soon that the build is being stopped, and when time is up."""

from __future__ import annotations

import math
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
    ends_s: float = math.inf


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


@contextmanager
def until(ends_s: float) -> Iterator[None]:
    """What this thread sends and reads inside ends with a timeout at this monotonic second, however
    slowly the other side goes on: also its headers drip in time, or not at all."""
    before = _stop.ends_s
    _stop.ends_s = min(before, ends_s)
    try:
        yield
    finally:
        _stop.ends_s = before


def _left_s(timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    """The time that one step may take: its own, or what is left of the whole."""
    if _stop.ends_s == math.inf:
        return timeout
    left_s = _stop.ends_s - time.monotonic()
    if left_s <= 0:
        raise late("timed out")
    return left_s if timeout is None else min(timeout, left_s)


class StoppableStream(httpcore.NetworkStream):
    """A connection that waits for its answer in slices where somebody may stop it."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there. Raises Interrupted."""
        timeout = _left_s(timeout, httpcore.ReadTimeout)
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
        self._inner.write(buffer, _left_s(timeout, httpcore.WriteTimeout))

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
