"""HTTP/1.1 on loopback, down to the bytes: only so can a server hang up or lie about a length."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Body = Any
"""A decoded JSON document; what is in it is each provider's own business to check."""

_READ_LIMIT = 1 << 20


@dataclass
class Part:
    """One part of a multipart body."""

    name: str
    content: bytes
    filename: str | None
    media_type: str

    @property
    def text(self) -> str:
        """The content of a part that is no file."""
        return self.content.decode()


@dataclass
class Request:
    """One request as it came in; header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    path: str = ""
    query: dict[str, str] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)
    base: str = ""
    """`http://host:port` that the client talks to."""
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        parts = urlsplit(self.target)
        self.path = unquote(parts.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))

    @property
    def content_type(self) -> str:
        """Media type of the body, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Body:
        """The body as JSON. Raises ValueError if it is none."""
        return json.loads(self.body or b"null")

    def parts(self) -> list[Part]:
        """The parts of a multipart body. Raises ValueError if it is none."""
        return read_multipart(self.headers.get("content-type", ""), self.body)


@dataclass
class Response:
    """One answer. `cut_at`: the connection is closed after so many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    cut_at: int | None = None
    delay_s: float = 0.0
    carries_media: bool = False
    stream: Sequence[tuple[float, bytes]] | None = None
    """Instead of a body: pieces, each sent after so many seconds (an event stream)."""


def json_response(body: Body, status: int = 200, **headers: str) -> Response:
    """A JSON answer; `retry_after="3"` becomes the header `retry-after: 3`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        status, json.dumps(body).encode(), {"content-type": "application/json", **named}
    )


def read_multipart(content_type: str, body: bytes) -> list[Part]:
    """Split a multipart body (RFC 2046). Raises ValueError where it is malformed."""
    header = _message({"content-type": content_type})
    boundary = header.get_param("boundary")
    if header.get_content_maintype() != "multipart" or not isinstance(boundary, str):
        raise ValueError("the body is not multipart/form-data")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ValueError("the multipart body has no closing boundary")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    head, found, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if not found:
        raise ValueError("a part has no blank line after its headers")
    disposition = _message(_headers(head.decode().split("\r\n")))
    part_name = disposition.get_param("name", header="content-disposition")
    filename = disposition.get_filename()
    if not isinstance(part_name, str):
        raise ValueError("a part has no name")
    return Part(part_name, content, filename, disposition.get_content_type())


def _headers(lines: Sequence[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _message(headers: dict[str, str]) -> Message:
    message = Message()
    for name, value in headers.items():
        message[name] = value
    return message


Answerer = Callable[[Request], Awaitable[Response]]


async def listen(answer: Answerer, port: int) -> tuple[asyncio.Server, int]:
    """Serve on a loopback port (0: any free one). Returns the server and its port."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Cancelled when the server stops, which is nothing to make a noise about.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await _exchange(answer, reader, writer):
                pass
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port, limit=_READ_LIMIT)
    bound = server.sockets[0].getsockname()[1]
    return server, int(bound)


async def _exchange(
    answer: Answerer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """One request and its answer; False when the connection is over."""
    request = await _read_request(reader, writer)
    if request is None:
        return False
    response = await answer(request)
    if response.delay_s:
        await asyncio.sleep(response.delay_s)
    if response.hang_up:
        return False
    keep = request.headers.get("connection", "").lower() != "close"
    if response.stream is not None:
        await _send_stream(response, writer)
        return keep
    await _send(response, writer, head_only=request.method == "HEAD")
    return keep and response.cut_at is None


async def _read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = _headers(lines)
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body, base="http://" + headers.get("host", ""))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    chunks = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        chunks.append(await reader.readexactly(size))
        await reader.readexactly(2)
    while (await reader.readline()).strip():
        pass
    return b"".join(chunks)


async def _send(response: Response, writer: asyncio.StreamWriter, *, head_only: bool) -> None:
    headers = {**response.headers, "content-length": str(len(response.body))}
    writer.write(_head(response.status, headers))
    if not head_only:
        writer.write(response.body[: response.cut_at])
    await writer.drain()


async def _send_stream(response: Response, writer: asyncio.StreamWriter) -> None:
    writer.write(_head(response.status, {**response.headers, "transfer-encoding": "chunked"}))
    for wait_s, piece in response.stream or ():
        if wait_s:
            await writer.drain()
            await asyncio.sleep(wait_s)
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def _head(status: int, headers: dict[str, str]) -> bytes:
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = "Unknown"
    lines = [
        f"HTTP/1.1 {status} {reason}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
