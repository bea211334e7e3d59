"""Where requests may go: which places get the key, and which may not be reached at all.

A result's address comes from outside. It is fetched by https, and only from public addresses, so
that no answer makes this machine ask its own network; what the user configured is reached as it is.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from fvbuild.errors import TargetError
from fvbuild.targets.api.proxying import (
    RESOLVES,
    Proxy,
    leaves_names_to_proxies,
    proxy_for,
    tunnel,
)
from fvbuild.targets.api.streams import StoppableStream

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Resolve = Callable[[str, int], Iterable[str]]
"""Host and port -> numeric addresses. Raises OSError."""


class ForbiddenAddressError(TargetError):
    """A URL that is not asked: another scheme than https, or an address that is not public."""


@dataclass(frozen=True, slots=True)
class Origins:
    """The places of one provider.

    ``own`` are origins (``https://api.example.com:443``) that get its key. ``near`` are hosts the
    user vouches for: they may have private addresses, and be spoken to without TLS. ``named`` are
    hosts that a proxy is told by name, for nobody else has chosen them.
    """

    own: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        bases: Iterable[str],
        *,
        configured: Iterable[str] = (),
        local: bool = False,
        shipped: bool = False,
    ) -> Origins:
        """From base URLs. ``configured`` are those of the workspace; ``local``: trust them all;
        ``shipped``: none of them is a film's own word."""
        urls = {base: httpx.URL(base) for base in bases}
        trusted = set(urls) if local else set(urls) & set(configured)
        near = frozenset(urls[base].host for base in trusted)
        named = frozenset(url.host for url in urls.values()) if shipped else near
        return cls(frozenset(origin(url) for url in urls.values()), near, named)

    def owns(self, url: httpx.URL) -> bool:
        """Whether the provider's key may be sent there."""
        return origin(url) in self.own

    def check(self, url: httpx.URL) -> None:
        """Raise ForbiddenAddressError for what is not even asked."""
        if url.host in self.near and url.scheme in _PORTS:
            return
        if url.scheme != "https":
            raise ForbiddenAddressError(
                f"'{_short(url)}' is not fetched: only https is",
                hint="set `base_url` of the provider in fvbuild.yaml if it is a server of yours",
            )
        if url.userinfo:
            raise ForbiddenAddressError(f"'{_short(url)}' carries a password and is not fetched")
        literal = _address(url.host)
        if literal is not None and not is_public(literal):
            raise _private(url.host)


def origin(url: httpx.URL) -> str:
    """Scheme, host and port: what decides whether two URLs belong together."""
    port = url.port or _PORTS.get(url.scheme, 0)
    return f"{url.scheme}://{url.host.rstrip('.')}:{port}"


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the public internet, also behind its IPv6 disguises."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.teredo is not None:
            inner = address.teredo[1]
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class CheckedBackend(httpcore.NetworkBackend):
    """Resolves a name once, checks every address, and connects to one that it checked.

    Whoever answers for the name cannot answer otherwise in between (DNS rebinding). TLS goes on
    checking the certificate against the name. A proxy is told the address that was checked; by name
    only those in ``named``, or all where the user leaves names to it.
    """

    def __init__(
        self,
        near: frozenset[str],
        resolve: Resolve | None = None,
        named: frozenset[str] = frozenset(),
    ) -> None:
        self._near = near
        self._named = named
        self._resolve = resolve or system_addresses
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first checked address that answers, or have a proxy do so."""
        proxy = proxy_for(host, port)
        if proxy is not None:
            target = (self._told(host, port, proxy), port)
            return tunnel(self._plain, proxy, target, timeout, socket_options)
        problem: Exception | None = None
        for address in self._checked(host, port):
            try:
                return StoppableStream(
                    self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem or httpcore.ConnectError(f"'{host}' has no address")

    def _told(self, host: str, port: int, proxy: Proxy) -> str:
        """What a proxy is told to connect to."""
        if host in self._named or leaves_names_to_proxies():
            return host
        try:
            return self._checked(host, port)[0]
        except (httpcore.ConnectError, IndexError):
            raise httpcore.ConnectError(
                f"'{host}' cannot be looked up here, and so not checked for {proxy.name}; if that "
                f"may look up names itself: {RESOLVES}=1"
            ) from None

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            found = list(self._resolve(host, port))
        except OSError as error:
            raise httpcore.ConnectError(f"'{host}' cannot be looked up: {error}") from error
        if host not in self._near:
            for text in found:
                address = _address(text)
                if address is None or not is_public(address):
                    raise _private(host)
        return found


def system_addresses(host: str, port: int) -> list[str]:
    """The addresses that the system's resolver gives, without repetition."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _private(host: str) -> ForbiddenAddressError:
    return ForbiddenAddressError(
        f"'{host}' is not asked: its address is not public",
        hint="set `base_url` of the provider in fvbuild.yaml if it is a server of yours",
    )


def _short(url: httpx.URL) -> str:
    """A URL without its query, which often holds a signature."""
    return f"{url.scheme}://{url.host}{url.path}"[:200]
