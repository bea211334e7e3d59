"""Requests: bounded, sent where they may go, and known to have arrived or not."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import time
from dataclasses import replace

import httpcore
import httpx
import pytest
from odd_server import Got, OddServer, Say, say, serving

from fvbuild.targets.api.http import (
    MOST_ERROR_BYTES,
    MOST_MEDIA_BYTES,
    Http,
    Outgoing,
    WireError,
)
from fvbuild.targets.api.origins import (
    CheckedBackend,
    ForbiddenAddressError,
    Origins,
    is_public,
    system_addresses,
)

KEY = {"Authorization": "Bearer canary"}


def of(server: OddServer, *more: str) -> Http:
    """A client for whom a server is its provider's own."""
    return Http(Origins.of([server.url], configured=[server.url, *more]))


def test_an_answer_comes_whole_and_connections_are_kept() -> None:
    with serving(lambda got: say({"path": got.path})) as server:
        http = of(server)
        for n in range(5):
            reply = http.send(Outgoing("GET", f"{server.url}/{n}"))
            assert reply.json == {"path": f"/{n}"}
        assert server.connections == 1


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/x",
        "ftp://example.com/x",
        "file:///etc/passwd",
        "https://user:secret@example.com/x",
    ],
)
def test_what_is_never_asked(url: str) -> None:
    with pytest.raises(ForbiddenAddressError) as caught:
        Http(Origins()).send(Outgoing("GET", url))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f000001", "127.1", "017700000001"])
def test_odd_spellings_of_loopback_are_resolved_and_found_out(spelling: str) -> None:
    try:
        assert all(not is_public(ipaddress.ip_address(a)) for a in system_addresses(spelling, 443))
    except socket.gaierror:
        return
    with pytest.raises(ForbiddenAddressError):
        Http(Origins(), resolve=system_addresses).send(Outgoing("GET", f"https://{spelling}/x"))


def test_a_name_is_looked_up_once_and_every_address_is_checked() -> None:
    asked: list[str] = []
    answers = [["93.184.216.34", "127.0.0.1"]]

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[0]

    http = Http(Origins(), resolve=resolve)
    with pytest.raises(ForbiddenAddressError):
        http.send(Outgoing("GET", "https://rebinds.test/x"))
    assert asked == ["rebinds.test"]


def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    """A name that is public when it is checked and private at the second look never gets one."""
    with serving(lambda got: say({})) as server:
        looks: list[str] = []

        def resolve(host: str, port: int) -> list[str]:
            looks.append(host)
            return ["192.0.2.1"] if len(looks) == 1 else ["127.0.0.1"]

        backend = CheckedBackend(frozenset({"near.test"}), resolve)
        connected: list[str] = []

        def connect(address: str, *_rest: object) -> httpcore.NetworkStream:
            connected.append(address)
            return httpcore.NetworkStream()

        backend._plain.connect_tcp = connect  # type: ignore[method-assign,assignment]  # only looked at
        backend.connect_tcp("near.test", server.port)
        assert (looks, connected) == (["near.test"], ["192.0.2.1"])


def test_a_redirect_to_a_private_address_is_not_followed() -> None:
    def elsewhere(got: Got) -> Say:
        return Say(302, headers={"location": "https://169.254.169.254/latest"})

    with serving(elsewhere) as server, pytest.raises(ForbiddenAddressError):
        of(server).send(Outgoing("GET", f"{server.url}/x", own_headers=KEY))


def test_the_key_goes_to_its_own_origin_and_to_no_other() -> None:
    with serving(lambda got: say({})) as other:

        def handler(got: Got) -> Say:
            return Say(302, headers={"location": f"{other.url}/file"})

        with serving(handler) as own:
            http = of(own)
            wanted = Outgoing("GET", f"{own.url}/x", headers={"X-Mine": "1"}, own_headers=KEY)
            assert http.send(wanted).status == 200
            http.send(Outgoing("GET", f"{other.url}/y", own_headers=KEY))
        assert own.got[0].headers["authorization"] == "Bearer canary"
        assert [got.path for got in other.got] == ["/file", "/y"]
        assert all("authorization" not in got.headers for got in other.got)
        assert "x-mine" not in other.got[0].headers


def test_redirects_in_circles_end() -> None:
    def around(got: Got) -> Say:
        return Say(302, headers={"location": got.path})

    with serving(around) as server, pytest.raises(WireError, match="circles"):
        of(server).send(Outgoing("GET", f"{server.url}/x"))
    assert len(server.got) == 6


def test_a_purchase_is_not_redirected_elsewhere() -> None:
    with (
        serving(lambda got: say({})) as other,
        serving(lambda got: Say(307, headers={"location": f"{other.url}/x"})) as own,
    ):
        assert of(own).send(Outgoing("POST", f"{own.url}/x", content=b"{}")).status == 307
        assert other.got == []


def test_a_purchase_moves_within_its_own_origin_with_its_body() -> None:
    def handler(got: Got) -> Say:
        return Say(308, headers={"location": "/there"}) if got.path == "/here" else say({"ok": 1})

    with serving(handler) as server:
        reply = of(server).send(Outgoing("POST", f"{server.url}/here", content=b"body"))
    assert reply.json == {"ok": 1}
    assert [got.body for got in server.got] == [b"body", b"body"]


def test_nobody_there_means_not_sent() -> None:
    with serving(lambda got: say({})) as server:
        url = server.url
    http = Http(Origins.of([url], configured=[url]))
    with pytest.raises(WireError) as caught:
        http.send(Outgoing("POST", f"{url}/x", content=b"{}", buys=True))
    assert not caught.value.sent


def test_a_name_that_is_not_there_means_not_sent() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    with pytest.raises(WireError) as caught:
        Http(Origins(), resolve=resolve).send(Outgoing("POST", "https://nowhere.test/x"))
    assert not caught.value.sent


def test_tls_that_fails_means_not_sent() -> None:
    with serving(lambda got: say({})) as server:
        url = f"https://127.0.0.1:{server.port}"
        http = Http(Origins.of([url], configured=[url]))
        with pytest.raises(WireError) as caught:
            http.send(Outgoing("POST", f"{url}/x", content=b"{}", timeout_s=3))
    assert not caught.value.sent


def test_hanging_up_before_the_body_was_read_means_not_sent() -> None:
    with serving(lambda got: say({})) as server:
        server.refuse_bodies = True
        with pytest.raises(WireError) as caught:
            of(server).send(Outgoing("POST", f"{server.url}/x", content=b"x" * 40_000_000))
    assert not caught.value.sent


def test_hanging_up_after_the_body_means_it_may_have_been_bought() -> None:
    with (
        serving(lambda got: Say(hang_up=True)) as server,
        pytest.raises(WireError) as caught,
    ):
        of(server).send(Outgoing("POST", f"{server.url}/x", content=b"{}", buys=True))
    assert caught.value.sent


def test_an_answer_that_breaks_off_was_sent() -> None:
    with (
        serving(lambda got: Say(body=b"x" * 1000, cut=10)) as server,
        pytest.raises(WireError) as caught,
    ):
        of(server).send(Outgoing("POST", f"{server.url}/x", content=b"{}"))
    assert caught.value.sent


def test_no_answer_in_time() -> None:
    with serving(lambda got: say({}, wait_s=5)) as server, pytest.raises(WireError) as caught:
        of(server).send(Outgoing("POST", f"{server.url}/x", timeout_s=0.2))
    assert caught.value.sent


def test_an_answer_that_drips_is_bounded_by_all_its_time() -> None:
    with serving(lambda got: Say(body=b"x" * 1000, drip_s=0.05)) as server:
        began = time.monotonic()
        with pytest.raises(WireError, match="too long"):
            of(server).send(Outgoing("GET", f"{server.url}/x", timeout_s=0.4))
    assert time.monotonic() - began < 20, "all of it takes fifty seconds"


def test_an_answer_that_swells_is_bounded() -> None:
    bomb = Say(body=gzip.compress(b"\0" * 50_000_000), headers={"content-encoding": "gzip"})
    with serving(lambda got: bomb) as server:
        with pytest.raises(WireError, match="longer than 32 MiB"):
            of(server).send(Outgoing("GET", f"{server.url}/x"))
        medium = Outgoing("GET", f"{server.url}/x", most_bytes=MOST_MEDIA_BYTES)
        assert len(of(server).send(medium).body) == 50_000_000


@pytest.mark.parametrize(
    "codings", ["gzip, gzip", "gzip,gzip,gzip", "br", "zstd", "gzip, identity"]
)
def test_what_is_coded_as_nobody_asked_is_not_unpacked(codings: str) -> None:
    """Five hundred bytes that are coded twice can be two hundred megabytes."""
    body = b"\0" * (8 << 20)
    for _ in codings.split(","):
        body = gzip.compress(body)
    bomb = Say(body=body, headers={"content-encoding": codings})
    with serving(lambda got: bomb) as server:
        with pytest.raises(WireError, match="nobody asked for") as told:
            of(server).send(Outgoing("GET", f"{server.url}/x"))
        assert told.value.certain and server.got[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    "location",
    ["https:\\\\169.254.169.254/", "https://\u2469.example/", "https://[::1", "https://"],
)
def test_a_redirect_to_no_address_is_a_fault_of_the_wire(location: str) -> None:
    moved = Say(302, headers={"location": location})
    with serving(lambda got: moved) as server:
        try:
            reply = of(server).send(Outgoing("POST", f"{server.url}/x", content=b"", buys=True))
        except WireError as error:
            assert error.sent, "it may have been bought all the same"
        else:
            assert reply.status == 302


def test_of_an_error_only_the_beginning_is_read() -> None:
    body = b'{"error": "no"}' + b" " * 50_000_000
    bomb = Say(500, gzip.compress(body), {"content-encoding": "gzip"})
    with serving(lambda got: bomb) as server:
        reply = of(server).send(Outgoing("GET", f"{server.url}/x"))
    assert reply.status == 500
    assert len(reply.body) == MOST_ERROR_BYTES
    assert reply.json == {"error": "no"}


def test_an_event_that_swells_is_bounded() -> None:
    stream = Say(body=b"data: " + b"x" * 2_000_000, headers={"content-type": "text/event-stream"})
    wanted = Outgoing("GET", "", first_event=True, most_bytes=1 << 20)
    with serving(lambda got: stream) as server, pytest.raises(WireError, match="longer than 1 MiB"):
        of(server).send(replace(wanted, url=f"{server.url}/x"))


def test_no_cookie_is_kept() -> None:
    with serving(lambda got: Say(headers={"set-cookie": "id=1; Path=/"})) as server:
        http = of(server)
        http.send(Outgoing("GET", f"{server.url}/a"))
        http.send(Outgoing("GET", f"{server.url}/b"))
    assert "cookie" not in server.got[1].headers


def test_purchases_take_no_connection_that_idled_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fvbuild.targets.api.pools._IDLE_BEFORE_PURCHASE_S", 0.1)
    with serving(lambda got: say({})) as server:
        http = Http(Origins.of([server.url], configured=[server.url]), resolve=system_addresses)
        for _ in range(2):
            http.send(Outgoing("POST", f"{server.url}/x", buys=True))
            time.sleep(0.3)
    assert server.connections == 2


def test_the_first_event_of_a_stream_is_the_answer() -> None:
    events = b': heartbeat\n\n:\n\nevent: x\ndata: {"type":\ndata: "result"}\n\ndata: {"no": 1}\n\n'

    def handler(got: Got) -> Say:
        return Say(body=events, headers={"content-type": "text/event-stream"})

    with serving(handler) as server:
        reply = of(server).send(Outgoing("POST", f"{server.url}/x", first_event=True))
    assert reply.json == {"type": "result"}


def test_a_stream_without_events_is_no_answer() -> None:
    def handler(got: Got) -> Say:
        return Say(body=b": still here\n\n", headers={"content-type": "text/event-stream"})

    with serving(handler) as server, pytest.raises(WireError, match="without an event"):
        of(server).send(Outgoing("POST", f"{server.url}/x", first_event=True))


def test_many_threads_share_one_client() -> None:
    with serving(lambda got: say({"path": got.path}, wait_s=0.01)) as server:
        http = of(server)
        found: list[object] = []

        def ask(n: int) -> None:
            urls = [f"{server.url}/{n}-{m}" for m in range(5)]
            found.extend(http.send(Outgoing("GET", url)).json for url in urls)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 80
        assert server.connections <= 16


def test_only_configured_hosts_may_be_near() -> None:
    shipped = Origins.of(["https://api.example.com/v1"])
    assert shipped.own == {"https://api.example.com:443"}
    assert not shipped.near
    local = Origins.of(["http://192.168.1.5:8188"], local=True)
    local.check(httpx.URL("http://192.168.1.5:9999/view"))
    with pytest.raises(ForbiddenAddressError):
        local.check(httpx.URL("http://192.168.1.6:8188/view"))
