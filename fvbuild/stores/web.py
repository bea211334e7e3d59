"""A shared store on a web server: nginx, WebDAV, or a cache server of Bazel's HTTP protocol.

Cache servers check that what lies under ``ac/`` is an ``ActionResult`` of Bazel's remote execution
API (build/bazel/remote/execution/v2/remote_execution.proto). So a record is sent inside of one: as
its ``stdout_raw``, with the artifacts as ``output_files``, so that such a server gives the record
only while it holds them all. A record that lies there bare is read as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import obstore

from fvbuild.engine.shared import MOST_RECORD_BYTES, Found
from fvbuild.engine.shared_record import parse
from fvbuild.errors import RemoteError
from fvbuild.stores.objects import ObjectsShared

_RECORDS = "ac/"
# Field numbers of ActionResult, OutputFile and Digest, all of them length-delimited but the size.
_OUTPUT_FILES, _STDOUT_RAW = 2, 5
_PATH, _DIGEST = 1, 2
_HASH, _SIZE_BYTES = 1, 2
_DELIMITED, _VARINT = 2, 0


class WebShared(ObjectsShared):
    """Objects of a web server, by GET, HEAD, PUT and DELETE; listed where it speaks WebDAV."""

    def read(self, name: str, most_bytes: int = MOST_RECORD_BYTES) -> bytes | None:
        """A small object's bytes; of a record without what it was wrapped in."""
        data = super().read(name, most_bytes)
        if data is None or not _is_record(name):
            return data
        return unwrapped(data)

    def write(self, name: str, data: bytes) -> None:
        """Write an object; a record as cache servers want it."""
        super().write(name, wrapped(data) if _is_record(name) else data)

    def write_file(self, name: str, path: Path) -> None:
        """Write a file's bytes: web servers take them in one piece, or not at all."""
        with self._told("write", name):
            obstore.put(self._store, name, path, use_multipart=False)

    def create(self, name: str, data: bytes) -> bool:
        """Look, then write: web servers know no better."""
        if self.has(name):
            return False
        self.write(name, data)
        return True

    def list(self, prefix: str) -> Iterator[Found]:
        """The objects below a prefix. Raises RemoteError where the server cannot list."""
        try:
            yield from super().list(prefix)
        except RemoteError as error:
            raise RemoteError(
                f"the shared store {self.place} cannot list what it holds",
                hint="it is no WebDAV server: let it drop by itself what was not used for long",
            ) from error


def _is_record(name: str) -> bool:
    return name.startswith(_RECORDS) or f"/{_RECORDS}" in name


def wrapped(record: bytes) -> bytes:
    """A record's text as an ActionResult."""
    found = parse(record)
    files = b""
    if found is not None:
        sizes = {output.digest: output.size_bytes for output in found.take.outputs}
        for digest, size_bytes in sizes.items():
            named = _field(_HASH, digest.encode()) + _number(_SIZE_BYTES, size_bytes)
            file = _field(_PATH, digest.encode()) + _field(_DIGEST, named)
            files += _field(_OUTPUT_FILES, file)
    return files + _field(_STDOUT_RAW, record)


def unwrapped(data: bytes) -> bytes:
    """The record's text in an ActionResult; bytes that are none, as they are."""
    if data[:1] == b"{":
        return data
    try:
        for number, value in _fields(data):
            if number == _STDOUT_RAW:
                return value
    except (ValueError, IndexError):
        return data
    return data


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _DELIMITED) + _varint(len(value)) + value


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a message. Raises ValueError and IndexError."""
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        if tag & 7 == _VARINT:
            _, at = _read_varint(data, at)
        elif tag & 7 == _DELIMITED:
            size, at = _read_varint(data, at)
            if at + size > len(data):
                raise ValueError("cut short")
            yield tag >> 3, data[at : at + size]
            at += size
        else:
            raise ValueError("of no known form")


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("no number")
