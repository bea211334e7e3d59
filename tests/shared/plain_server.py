"""A small web server that keeps what is PUT: as nginx does, as a cache server of Bazel's protocol
does, and just enough of the object stores of Google and Azure for what a shared store asks of them.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from fvbuild.stores.web import _fields

_CAS = re.compile(r"/cas/([0-9a-f]{64})$")
_AC = re.compile(r"/ac/[0-9a-f]{64}$")


class PlainServer:
    """The server and what it holds, by path. ``flavour``: nginx, bazel, google or azure.

    ``refuse`` maps a verb to a status that is answered instead; ``drop`` bytes of each answer are
    kept back; ``headers`` are those of the last request.
    """

    def __init__(self, flavour: str = "nginx") -> None:
        self.flavour = flavour
        self.objects: dict[str, bytes] = {}
        self.refuse: dict[str, int] = {}
        self.asked: list[tuple[str, str]] = []
        self.headers: dict[str, str] = {}
        self.lock = threading.Lock()
        server = self

        class Handler(_Handler):
            of = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        """Stop."""
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    of: PlainServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_words: Any) -> None:
        """Nothing is logged."""

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _begin(self) -> tuple[str, dict[str, list[str]], bytes] | None:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.of.lock:
            self.of.asked.append((self.command, path))
            self.of.headers = {name.lower(): value for name, value in self.headers.items()}
        if (status := self.of.refuse.get(self.command)) is not None:
            self._answer(status, b"secret words of a server")
            return None
        return path, parse_qs(parts.query, keep_blank_values=True), body

    def do_GET(self) -> None:
        found = self._begin()
        if found is None:
            return
        path, query, _ = found
        if "list-type" in query or query.get("comp") == ["list"]:
            self._list(path, query)
            return
        data = self.of.objects.get(path)
        if data is None:
            self._answer(404)
        else:
            self._answer(200, data, **self._stamp(data))

    do_HEAD = do_GET  # noqa: N815 - the name that http.server asks for

    def do_PUT(self) -> None:
        found = self._begin()
        if found is None:
            return
        path, _, body = found
        once = self.headers.get("If-None-Match") == "*"
        once |= self.headers.get("x-goog-if-generation-match") == "0"
        if self.of.flavour == "bazel" and not _is_sound(path, body):
            self._answer(400)
            return
        with self.of.lock:
            if once and path in self.of.objects:
                self._answer(412 if self.of.flavour == "google" else 409)
                return
            self.of.objects[path] = body
        self._answer(201, b"", **self._stamp(body))

    def _stamp(self, data: bytes) -> dict[str, str]:
        stamp = {"ETag": _etag(data), "Last_Modified": formatdate(usegmt=True)}
        return {**stamp, "x_goog_generation": "1"} if self.of.flavour == "google" else stamp

    def do_DELETE(self) -> None:
        found = self._begin()
        if found is not None:
            gone = self.of.objects.pop(found[0], None)
            self._answer(404 if gone is None else 202 if self.of.flavour == "azure" else 204)

    def do_MKCOL(self) -> None:
        if self._begin() is not None:
            self._answer(405)

    def _list(self, path: str, query: dict[str, list[str]]) -> None:
        prefix = query.get("prefix", [""])[0]
        root = path.rstrip("/") + "/"
        names = [n.removeprefix(root) for n in sorted(self.of.objects) if n.startswith(root)]
        names = [name for name in names if name.startswith(prefix)]
        azure = self.of.flavour == "azure"
        stamp = formatdate(usegmt=True) if azure else time.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        rows = "".join(
            _AZURE_ROW.format(name=name, size=len(self.of.objects[root + name]), at=stamp)
            if azure
            else _ROW.format(name=name, size=len(self.of.objects[root + name]), at=stamp)
            for name in names
        )
        body = (_AZURE_LIST if azure else _LIST).format(rows=rows)
        self._answer(200, body.encode(), Content_Type="application/xml")


_ROW = (
    '<Contents><Key>{name}</Key><LastModified>{at}</LastModified><ETag>"x"</ETag>'
    "<Size>{size}</Size></Contents>"
)
_LIST = "<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
_AZURE_ROW = (
    "<Blob><Name>{name}</Name><Properties><Last-Modified>{at}</Last-Modified><Etag>x</Etag>"
    "<Content-Length>{size}</Content-Length><Content-Type>x</Content-Type></Properties></Blob>"
)
_AZURE_LIST = "<EnumerationResults><Blobs>{rows}</Blobs><NextMarker/></EnumerationResults>"


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


def _is_sound(path: str, body: bytes) -> bool:
    """What cache servers check: blobs by their digest, actions by the form of their message."""
    if (named := _CAS.search(path)) is not None:
        return hashlib.sha256(body).hexdigest() == named[1]
    if _AC.search(path) is None:
        return False
    try:
        return {number for number, _ in _fields(body)} <= {2, 5}
    except (ValueError, IndexError):
        return False
