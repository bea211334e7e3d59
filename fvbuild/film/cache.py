"""The parse cache: a film resolved once is not read again until a file of it changes.

One file a film and profile: a header, then what the next load needs at once, then what it needs
only to splice an edit in. Whatever is not exactly as expected is as good as absent.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import xxhash

from fvbuild import resources
from fvbuild.errors import FilmBuildError
from fvbuild.values import dataclass

_MAGIC = b"fvbuild film cache 1\n"
_HEADER = len(_MAGIC) + 16 + 16 + 8
_MAX_BYTES = 1 << 30


@dataclass(slots=True)
class Entry:
    """What is kept of one load.

    files: name relative to the film -> digest. paths: files that were looked for and found.
    films: packed variants. warnings: packed diagnostics. splice: packed, what an edit needs; None
    where edits cannot be spliced. texts: name -> text of every file. identity: a digest of it all.
    """

    files: Mapping[str, str]
    paths: list[str]
    films: list[Any]
    warnings: Any
    splice: Any = None
    texts: Mapping[str, str] | None = None
    identity: str = ""


class ParseCache:
    """The cache of one film, profile and set of target names, below a folder."""

    def __init__(
        self, folder: Path, film: Path, profile: str | None, targets: frozenset[str]
    ) -> None:
        asked = "\0".join([os.path.abspath(film), profile or "", *sorted(targets)])  # noqa: PTH100
        self._path = folder / f"{xxhash.xxh3_64_hexdigest(asked.encode())}.film"
        self._later = b""

    def read(self) -> Entry | None:
        """What was kept, without the part for splices; None when there is nothing of use."""
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_size > _MAX_BYTES:
                    return None
                data = file.read()
        except OSError:
            return None
        identity = xxhash.xxh3_64_hexdigest(data[_HEADER:])
        head = _MAGIC + _reader_version() + identity.encode()
        if len(data) < _HEADER or not data.startswith(head):
            return None
        size = int.from_bytes(data[len(head) : _HEADER], "little")
        self._later = data[_HEADER + size :]
        try:
            files, paths, films, warnings = marshal.loads(data[_HEADER : _HEADER + size])
        except (ValueError, TypeError, EOFError):
            return None
        return Entry(files, paths, films, warnings, identity=identity)

    def read_rest(self, entry: Entry) -> None:
        """Fill in what a splice needs."""
        with contextlib.suppress(ValueError, TypeError, EOFError):
            entry.splice, entry.texts = marshal.loads(self._later)

    def write(self, entry: Entry) -> None:
        """Keep an entry, in place of an older one, and tell it its identity.

        A cache that cannot be written is no fault.
        """
        first = marshal.dumps((dict(entry.files), entry.paths, entry.films, entry.warnings))
        later = marshal.dumps((entry.splice, dict(entry.texts or {})))
        digest = xxhash.xxh3_64(first)
        digest.update(later)
        entry.identity = digest.hexdigest()
        head = _MAGIC + _reader_version() + entry.identity.encode()
        head += len(first).to_bytes(8, "little")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new = self._path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.new")
            try:
                with new.open("wb") as file:
                    file.writelines((head, first, later))
                # Replacing a file makes ext4 flush the new one; a cache is not worth the wait.
                self._path.unlink(missing_ok=True)
                new.replace(self._path)
            except OSError:
                new.unlink(missing_ok=True)
                raise


@cache
def _reader_version() -> bytes:
    """Changes whenever a film could be read differently: this package, the words, Python."""
    digest = xxhash.xxh3_64(sys.version.encode())
    here = Path(__file__).resolve().parent
    with contextlib.suppress(FilmBuildError):
        for folder in (here, here.parent, resources.template("vocabulary")):
            for item in sorted(os.scandir(folder), key=lambda each: each.name):
                if item.name.endswith((".py", ".yaml")):
                    stat = item.stat()
                    digest.update(f"{item.name}\0{stat.st_size}\0{stat.st_mtime_ns}\0".encode())
    return digest.hexdigest().encode()
