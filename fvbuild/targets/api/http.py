"""The one HTTP client: every request of every provider goes out here, and is bounded here.

It knows when a request surely did not arrive (:attr:`WireError.sent`), follows redirects by hand,
and never sends a key to another origin. What answers mean is for others to say.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx

from fvbuild.targets.api.media import Media, Part
from fvbuild.targets.api.origins import Origins, Resolve
from fvbuild.targets.api.pools import Pools, pools_of
from fvbuild.targets.api.proxying import proxied
from fvbuild.targets.api.reply import Reply
from fvbuild.targets.api.streams import until

MOST_SAID_BYTES = 32 << 20
"""The longest answer that holds no medium. Most have some hundred bytes; but some providers repeat
what was asked, with its pictures, and those are of 20 MB at most as base64."""

MOST_MEDIA_BYTES = 256 << 20
"""The longest answer that is a medium, or holds one as base64: it is read into memory, where a
clip of a minute in 4K has 100 MB. What has an address of its own is streamed, and may be longer."""

MOST_ERROR_BYTES = 1 << 20
"""What is read of an answer that says what is wrong; the rest of it is not looked at."""

_CONNECT_S = 10.0
_WRITE_S = 60.0
_REDIRECTS = 5
_ERRORS_FROM = 400
_MOVED = (301, 302, 303, 307, 308)
_CODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
"""How an answer may be coded: one of those that are asked for. None of them swells more than a
thousandfold, so that a piece of 64 KiB is no danger; what is coded twice swells a millionfold."""

_KEPT_ELSEWHERE = frozenset({"accept", "accept-encoding", "range", "if-range", "user-agent"})


class WireError(Exception):
    """No answer came. ``sent``: the whole request had gone out, so that it may have been acted on.

    ``certain``: trying again is useless (a certificate, a forbidden address).
    """

    def __init__(self, message: str, *, sent: bool, certain: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.certain = certain


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it goes out. ``own_headers`` go to the provider's own origins only.

    ``multipart`` are names with text, :class:`Media` or :class:`Part`; a name may be repeated.
    ``buys``: it may cost money, so it is not sent over a connection that may be gone.
    ``first_event``: the answer is an event stream, of which the first data is the body.
    ``most_bytes``: how long the answer may be, if it is no error.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    own_headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    multipart: Sequence[tuple[str, Any]] | None = None
    timeout_s: float = 60.0
    buys: bool = False
    first_event: bool = False
    most_bytes: int = MOST_SAID_BYTES


class Http:
    """Requests to one provider: its origins, and the pools of connections they share."""

    def __init__(
        self,
        origins: Origins,
        *,
        resolve: Resolve | None = None,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self.origins = origins
        self._wall_s = wall_s
        if resolve is not None:
            self._pools = Pools(origins.near, resolve, origins.named)
        else:
            named = origins.named if proxied() else frozenset[str]()
            self._pools = pools_of(origins.near, named)

    def send(self, wanted: Outgoing) -> Reply:
        """The answer, whole. Raises WireError, and ForbiddenAddressError for where it may not go.

        ``timeout_s`` bounds the whole exchange, however slowly the answer drips.
        """
        ends_s = time.monotonic() + wanted.timeout_s
        with until(ends_s), self.open(wanted) as response:
            body = _body_of(response, pieces(response, ends_s), wanted)
            return Reply(
                response.status_code, headers_of(response), body, str(response.url), self._wall_s()
            )

    @contextmanager
    def open(self, wanted: Outgoing) -> Iterator[httpx.Response]:
        """The answer's beginning; its body is to be read inside the ``with``."""
        url, method = httpx.URL(wanted.url), wanted.method
        for _ in range(_REDIRECTS + 1):
            response = self._once(wanted, method, url)
            target = self._redirected(response, method)
            if target is None:
                try:
                    yield response
                finally:
                    response.close()
                return
            response.close()
            url = target
        raise WireError("it redirects in circles", sent=True, certain=True)

    def _once(self, wanted: Outgoing, method: str, url: httpx.URL) -> httpx.Response:
        self.origins.check(url)
        own = self.origins.owns(url)
        if own:
            headers = {**wanted.headers, **wanted.own_headers}
        elif url == httpx.URL(wanted.url):
            headers = dict(wanted.headers)
        else:
            headers = {k: v for k, v in wanted.headers.items() if k.lower() in _KEPT_ELSEWHERE}
        if "accept-encoding" not in {name.lower() for name in headers}:
            headers["Accept-Encoding"] = "gzip, deflate"
        progress = _Progress()
        client = self._pools.client(buys=wanted.buys)
        request = client.build_request(
            method,
            url,
            headers=headers,
            timeout=httpx.Timeout(wanted.timeout_s, connect=_CONNECT_S, write=_WRITE_S, pool=None),
            extensions={"trace": progress},
            **_body(wanted),
        )
        try:
            response = client.send(request, stream=True, follow_redirects=False)
        except (httpx.InvalidURL, httpx.RemoteProtocolError) as error:
            # The client looks at where an answer redirects to, also where it is not to follow.
            raise WireError(
                f"it redirects to no address: {error}", sent=True, certain=True
            ) from error
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            # Trusting a certificate is not a matter of time.
            certain = isinstance(error.__cause__ or error.__context__, ssl.SSLCertVerificationError)
            raise WireError(f"no connection: {error}", sent=False, certain=certain) from error
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise _wire_error(error, sent=progress.sent) from error
        if response.headers.get("content-encoding", "").strip().lower() not in _CODINGS:
            response.close()
            raise WireError(
                "the answer is coded in a way nobody asked for", sent=True, certain=True
            )
        return response

    def _redirected(self, response: httpx.Response, method: str) -> httpx.URL | None:
        """Where to go on. A purchase goes on only where its key may go, and with its body."""
        if response.status_code not in _MOVED or "location" not in response.headers:
            return None
        try:
            url = response.url.join(response.headers["location"])
        except (httpx.InvalidURL, ValueError):
            return None
        if method not in ("GET", "HEAD") and not (
            response.status_code in (307, 308) and self.origins.owns(url)
        ):
            return None
        return url


class _Progress:
    """Listens to httpcore: ``sent`` once the last byte of the request was handed to the system."""

    def __init__(self) -> None:
        self.sent = False

    def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        if event == "http11.send_request_body.complete":
            self.sent = True


def headers_of(response: httpx.Response) -> dict[str, str]:
    """The headers, names in lower case."""
    return {name.lower(): value for name, value in response.headers.items()}


def _body(wanted: Outgoing) -> dict[str, Any]:
    if wanted.multipart is not None:
        return {"files": [(name, _part(value)) for name, value in wanted.multipart]}
    return {"content": wanted.content} if wanted.content is not None else {}


def _part(value: Any) -> tuple[Any, ...]:
    part = value.part() if isinstance(value, Media) else value
    if isinstance(part, Part):
        return part.filename, part.read(), part.media_type
    return None, str(part).encode()


def pieces(response: httpx.Response, ends_s: float = math.inf) -> Iterator[bytes]:
    """The body as it comes; ``ends_s`` is when it must have come, in monotonic seconds.

    Raises WireError when it breaks off or takes too long.
    """
    try:
        for piece in response.iter_bytes():
            if time.monotonic() > ends_s:
                raise WireError("the answer took too long", sent=True)
            yield piece
    except (httpx.HTTPError, httpcore.TimeoutException) as error:
        if time.monotonic() >= ends_s:
            raise WireError("the answer took too long", sent=True) from error
        raise _wire_error(error, sent=True) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise WireError(f"the answer broke off: {error}", sent=True) from error


def _body_of(response: httpx.Response, body: Iterator[bytes], wanted: Outgoing) -> bytes:
    if response.status_code >= _ERRORS_FROM:
        return _beginning(body, MOST_ERROR_BYTES)
    if wanted.first_event and _is_events(response):
        return _first_event(body, wanted.most_bytes)
    found = _beginning(body, wanted.most_bytes + 1)
    if len(found) > wanted.most_bytes:
        raise _too_long("answer", wanted.most_bytes)
    return found


def _beginning(body: Iterator[bytes], most_bytes: int) -> bytes:
    found: list[bytes] = []
    left = most_bytes
    for piece in body:
        found.append(piece[:left])
        left -= len(found[-1])
        if not left:
            break
    return b"".join(found)


def _too_long(what: str, most_bytes: int) -> WireError:
    message = f"the {what} is longer than {most_bytes >> 20} MiB"
    return WireError(message, sent=True, certain=True)


def _is_events(response: httpx.Response) -> bool:
    return "event-stream" in str(response.headers.get("content-type", ""))


def _first_event(body: Iterator[bytes], most_bytes: int) -> bytes:
    """The data of the first event that has any; comments and empty events are heartbeats."""
    data: list[bytes] = []
    rest, size = b"", 0
    for piece in body:
        size += len(piece)
        if size > most_bytes:
            raise _too_long("event", most_bytes)
        *lines, rest = (rest + piece).replace(b"\r\n", b"\n").split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                data.append(line[5:].removeprefix(b" "))
            elif not line and data:
                return b"\n".join(data)
    if not data:
        raise WireError("the event stream ended without an event", sent=True)
    return b"\n".join(data)


def _wire_error(error: Exception, *, sent: bool) -> WireError:
    slow = isinstance(error, httpcore.TimeoutException | httpx.TimeoutException)
    what = "no answer in time" if slow else f"the connection broke: {error or type(error).__name__}"
    return WireError(what, sent=sent)
