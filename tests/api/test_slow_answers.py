"""An answer that never ends ends nevertheless, whichever part of it drips."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from fvbuild.targets.api.http import Http, Outgoing, WireError, pieces
from fvbuild.targets.api.origins import Origins
from fvbuild.targets.api.streams import until

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


@contextlib.contextmanager
def dripping(begin: bytes) -> Iterator[str]:
    """A server that says the beginning at once, and then a letter at a time for ever."""
    over = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(begin)
            while not over.wait(0.05):
                connection.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join(5)


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", HEAD])
def test_the_whole_answer_comes_in_time_or_not_at_all(begin: bytes) -> None:
    with dripping(begin) as url:
        http = Http(Origins.of([url], configured=[url]))
        began_s = time.monotonic()
        with pytest.raises(WireError) as caught:
            http.send(Outgoing("GET", url, timeout_s=0.5))
        assert caught.value.sent
        assert time.monotonic() - began_s < 20, "it drips for as long as it is read"


def test_a_result_that_drips_is_given_up() -> None:
    with dripping(HEAD) as url:
        http = Http(Origins.of([url], configured=[url]))
        with (
            pytest.raises(WireError),
            until(time.monotonic() + 0.5),
            http.open(Outgoing("GET", url)) as response,
        ):
            list(pieces(response))
