"""Behind a proxy: what it is told, what it never sees, and what addresses it is not led to."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
from odd_server import Got, Say, say, serving

from fvbuild.targets.api.http import Http, Outgoing, WireError
from fvbuild.targets.api.origins import CheckedBackend, ForbiddenAddressError, Origins
from fvbuild.targets.api.proxying import proxy_for

PUBLIC = "93.184.216.34"


class Proxy:
    """Opens tunnels to wherever the test says; ``asked`` are the heads of what it was told."""

    def __init__(self, leads_to: int | None, answer: str = "200 Connection established") -> None:
        self._leads_to = leads_to
        self._answer = answer
        self.asked: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._open, args=(client,), daemon=True).start()

    def _open(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.asked.append(head.decode())
        client.sendall(f"HTTP/1.1 {self._answer}\r\nVia: 1.1 test\r\n\r\n".encode())
        if self._leads_to is None:
            client.close()
            return
        there = socket.create_connection(("127.0.0.1", self._leads_to))
        for one, other in ((client, there), (there, client)):
            threading.Thread(target=_pump, args=(one, other), daemon=True).start()

    def close(self) -> None:
        self._socket.close()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def proxy(
    monkeypatch: pytest.MonkeyPatch,
    leads_to: int | None = None,
    answer: str = "200 OK",
    credentials: str = "",
) -> Iterator[Proxy]:
    made = Proxy(leads_to, answer)
    monkeypatch.setenv("HTTPS_PROXY", f"http://{credentials}127.0.0.1:{made.port}")
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("FVBUILD_PROXY_RESOLVES", raising=False)


def fine(_got: Got) -> Say:
    return say({"fine": True})


def connected(backend: CheckedBackend, host: str, port: int = 443) -> None:
    backend.connect_tcp(host, port, 5.0).close()


def told(made: Proxy) -> list[str]:
    return [head.splitlines()[0] for head in made.asked]


def looked_up(*addresses: str) -> CheckedBackend:
    return CheckedBackend(
        frozenset(), lambda _host, _port: addresses, frozenset({"api.own.example"})
    )


# --- what it is told ------------------------------------------------------------------------------


def test_a_result_is_fetched_from_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with proxy(monkeypatch) as made:
        connected(looked_up(PUBLIC), "cdn.example")
        connected(looked_up("2606:2800:220:1::1"), "cdn.example")
        assert told(made) == [
            f"CONNECT {PUBLIC}:443 HTTP/1.1",
            "CONNECT [2606:2800:220:1::1]:443 HTTP/1.1",
        ]


@pytest.mark.parametrize("address", ["10.0.0.5", "127.0.0.1", "169.254.169.254", "::1"])
def test_no_proxy_is_led_into_a_private_network(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with proxy(monkeypatch) as made:
        with pytest.raises(ForbiddenAddressError, match="is not public"):
            connected(looked_up(PUBLIC, address), "rebound.example")
        assert made.asked == []


def test_the_providers_own_hosts_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that allows names alone is told some."""
    with proxy(monkeypatch) as made:
        connected(looked_up(), "api.own.example")
        assert told(made) == ["CONNECT api.own.example:443 HTTP/1.1"]


def test_whose_hosts_are_its_own() -> None:
    urls = ["https://api.own.example/v1"]
    assert Origins.of(urls, shipped=True).named == {"api.own.example"}
    assert Origins.of(urls).named == set(), "a film's own file chooses nothing"
    assert Origins.of(urls, configured=urls).named == {"api.own.example"}


def test_where_names_cannot_be_looked_up_the_way_on_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("no name server")

    backend = CheckedBackend(frozenset(), unknown)
    with proxy(monkeypatch) as made:
        with pytest.raises(Exception, match="FVBUILD_PROXY_RESOLVES=1"):
            connected(backend, "cdn.example")
        monkeypatch.setenv("FVBUILD_PROXY_RESOLVES", "1")
        connected(backend, "cdn.example")
        assert told(made) == ["CONNECT cdn.example:443 HTTP/1.1"]


def test_user_and_password_are_shown_to_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(monkeypatch, credentials="ada:p%40ss@") as made:
        connected(looked_up(), "api.own.example")
        assert "Proxy-Authorization: Basic YWRhOnBAc3M=" in made.asked[0]


# --- who is asked through it ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "exempt", "through"),
    [
        ("api.own.example", "", True),
        ("api.own.example", "other.example", True),
        ("api.own.example", "own.example", False),
        ("api.own.example", ".own.example, x", False),
        ("api.own.example", "*.own.example", False),
        ("api.own.example", "*", False),
        ("api.own.example", "wn.example", True),
        ("api.own.example", "api.own.example:443", False),
        ("api.own.example", "api.own.example:80", True),
        ("127.0.0.1", "", False),
        ("::1", "", False),
        ("192.168.1.5", "", False),
        ("localhost", "", False),
        ("studio", "", False),
        ("studio.local", "", False),
    ],
)
def test_no_proxy_and_the_local_network(
    monkeypatch: pytest.MonkeyPatch, host: str, exempt: str, through: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", exempt)
    found = proxy_for(host, 443)
    assert (found is not None) is through
    assert found is None or (found.host, found.port) == ("proxy.example", 3128)


def test_http_proxy_alone_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert proxy_for("api.own.example", 443) is None
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    assert proxy_for("api.own.example", 443) is not None


def test_a_server_of_ones_own_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(monkeypatch) as made, serving(fine) as server:
        http = Http(Origins.of([server.url], configured=[server.url]))
        assert http.send(Outgoing("GET", f"{server.url}/x")).status == 200
        assert made.asked == []


# --- what it answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("403 Forbidden", "opens no way to .*: status 403"),
        ("407 Proxy Authentication Required", "it wants a user and a password"),
        ("nonsense", "hung up: it answered nothing that is understood"),
    ],
)
def test_a_proxy_that_refuses_was_sent_nothing(
    monkeypatch: pytest.MonkeyPatch, answer: str, says: str
) -> None:
    """So that a purchase can be made elsewhere, or later: it surely was not accepted."""
    with (
        proxy(monkeypatch, answer=answer, credentials="ada:canary-password@"),
        pytest.raises(WireError, match=says) as caught,
    ):
        http = Http(Origins.of(["https://api.own.example"], shipped=True))
        http.send(Outgoing("POST", "https://api.own.example/x", content=b"{}", buys=True))
    assert not caught.value.sent
    assert "canary-password" not in str(caught.value)


def test_one_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    http = Http(Origins.of(["https://api.own.example"], shipped=True))
    with pytest.raises(WireError, match=rf"the proxy 127.0.0.1:{port} does not answer"):
        http.send(Outgoing("GET", "https://api.own.example/x"))


@pytest.mark.parametrize(
    "url", ["socks5://p.example:1080", "https://p.example", "http://", "http://p:x"]
)
def test_one_of_another_kind_is_told(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", url)
    http = Http(Origins.of(["https://api.own.example"], shipped=True))
    with pytest.raises(WireError, match="a proxy that cannot be used"):
        http.send(Outgoing("GET", "https://api.own.example/x"))


def test_what_goes_through_is_encrypted_from_end_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other end speaks no TLS, so the handshake is all that it ever sees."""
    with serving(fine) as server:
        port = httpx.URL(server.url).port
        with proxy(monkeypatch, leads_to=port) as made:
            http = Http(Origins.of(["https://api.own.example"], shipped=True))
            headers = {"Authorization": "Bearer canary-key"}
            wanted = Outgoing("GET", "https://api.own.example/secret-path", own_headers=headers)
            with pytest.raises(WireError):
                http.send(wanted)
            (head,) = made.asked
            assert "canary-key" not in head and "secret-path" not in head
        assert not any("canary" in str(got) for got in server.got)
