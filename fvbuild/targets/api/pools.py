"""Pools of connections: kept between requests, to addresses that were checked."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from fvbuild import __version__
from fvbuild.targets.api.origins import CheckedBackend, Resolve

# A server that closes an idle connection just as a purchase goes out would leave its fate unknown;
# many close after five seconds, so a purchase takes no connection that idled half as long.
_IDLE_S, _IDLE_BEFORE_PURCHASE_S = 30.0, 2.0


class _Transport(httpx.BaseTransport):
    """httpx over a pool whose connections are checked."""

    def __init__(self, backend: CheckedBackend, idle_s: float) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls(),
            max_connections=256,
            max_keepalive_connections=64,
            keepalive_expiry=idle_s,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request over the pool."""
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Stream(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class Pools:
    """The clients of one set of hosts, made when they are needed."""

    def __init__(
        self,
        near: frozenset[str],
        resolve: Resolve | None = None,
        named: frozenset[str] = frozenset(),
    ) -> None:
        self._backend = CheckedBackend(near, resolve, named)
        self._guard = threading.Lock()
        self._clients: dict[bool, httpx.Client] = {}

    def client(self, *, buys: bool) -> httpx.Client:
        """The client for purchases, or for all else."""
        with self._guard:
            if buys not in self._clients:
                idle_s = _IDLE_BEFORE_PURCHASE_S if buys else _IDLE_S
                self._clients[buys] = httpx.Client(
                    transport=_Transport(self._backend, idle_s),
                    headers={"user-agent": f"fvbuild/{__version__}"},
                    # No cookie is kept: providers are many, and the client is one.
                    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                    trust_env=False,
                )
            return self._clients[buys]


@cache
def pools_of(near: frozenset[str], named: frozenset[str] = frozenset()) -> Pools:
    """One for the whole process, but for providers of the user's own, which have theirs: a
    connection to a private address is never lent to a provider that may not make it. Behind a proxy
    each provider has its own, for its hosts are ``named`` there."""
    return Pools(near, None, named)


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
