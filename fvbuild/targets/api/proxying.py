"""Ways out through a proxy, as ``HTTPS_PROXY`` and ``NO_PROXY`` say: tunnels.

A proxy sees which host is asked, and no more: what is encrypted stays so from end to end. Servers
of this machine and its network are asked directly, whatever the variables say.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment

import httpcore

from fvbuild.targets.api.streams import StoppableStream
from fvbuild.targets.api.trusting import is_near

RESOLVES = "FVBUILD_PROXY_RESOLVES"
"""Set to 1, it leaves all names to the proxy, and so the question which addresses are public."""

_PORT = 8080
_LONGEST_ANSWER_BYTES = 65_536


class Proxy(NamedTuple):
    """A proxy that opens tunnels. ``credentials`` are user:password, or empty."""

    host: str
    port: int
    credentials: str = ""

    @property
    def name(self) -> str:
        """What may be shown of it."""
        return f"the proxy {self.host}:{self.port}"


def proxy_for(host: str, port: int) -> Proxy | None:
    """The proxy that a host is asked through; None: it is asked directly.

    Raises httpcore.ConnectError where the variable names none that can be used.
    """
    if is_near(host):
        return None
    set_here = getproxies_environment()
    url = set_here.get("https") or set_here.get("all")
    if not url or _is_exempt(host, port, set_here.get("no", "")):
        return None
    return _parsed(url)


def _is_exempt(host: str, port: int, exempt: str) -> bool:
    """Whether ``NO_PROXY`` names a host: itself, a domain that it is in, or ``*`` for all."""
    for entry in exempt.lower().replace(",", " ").split():
        name, _, of_port = entry.lstrip("*.").partition(":")
        if entry == "*":
            return True
        if (host == name or host.endswith(f".{name}")) and of_port in ("", str(port)):
            return True
    return False


def proxied() -> bool:
    """Whether anything is asked through a proxy."""
    set_here = getproxies_environment()
    return bool(set_here.get("https") or set_here.get("all"))


def leaves_names_to_proxies() -> bool:
    """Whether the user trusts the proxy to look up every name."""
    return os.environ.get(RESOLVES, "") not in ("", "0")


def _parsed(url: str) -> Proxy:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        host = None
    if not host or parts.scheme != "http":
        raise httpcore.ConnectError(
            "HTTPS_PROXY names a proxy that cannot be used: it is written http://proxy.example:8080"
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(host, port, f"{user}:{password}" if user or password else "")


def tunnel(
    backend: httpcore.NetworkBackend,
    proxy: Proxy,
    target: tuple[str, int],
    timeout: float | None,
    options: Iterable[Any] | None = None,
) -> httpcore.NetworkStream:
    """A connection to ``target``, a host's name or address and its port, through the proxy.

    Raises httpcore.ConnectError and httpcore.ConnectTimeout: nothing was sent to the target.
    """
    host, port = target
    there = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {there} HTTP/1.1", f"Host: {there}"]
    if proxy.credentials:
        coded = base64.b64encode(proxy.credentials.encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {coded}")
    try:
        stream = StoppableStream(
            backend.connect_tcp(proxy.host, proxy.port, timeout, socket_options=options)
        )
    except httpcore.ConnectError as error:
        raise httpcore.ConnectError(f"{proxy.name} does not answer: {error}") from error
    try:
        stream.write(("\r\n".join(lines) + "\r\n\r\n").encode(), timeout)
        status = _answer(stream, timeout)
    except httpcore.TimeoutException as error:
        stream.close()
        raise httpcore.ConnectTimeout(f"{proxy.name} does not answer in time") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        stream.close()
        raise httpcore.ConnectError(f"{proxy.name} hung up: {error}") from error
    if not 200 <= status < 300:
        stream.close()
        why = "it wants a user and a password" if status == 407 else f"status {status}"
        raise httpcore.ConnectError(f"{proxy.name} opens no way to {host}: {why}")
    return stream


def _answer(stream: httpcore.NetworkStream, timeout: float | None) -> int:
    """The status that the proxy answers. The target says nothing before it is spoken to."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = stream.read(4096, timeout)
        if not piece or len(data) > _LONGEST_ANSWER_BYTES:
            raise httpcore.RemoteProtocolError("it answered nothing that is understood")
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    words = head.partition(b"\r\n")[0].split(b" ", 2)
    if rest or len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise httpcore.RemoteProtocolError("it answered nothing that is understood")
    return int(words[1])
