"""The files a film is written in: read once, checked for what no film can be."""

from __future__ import annotations

import os
from pathlib import Path

import xxhash

from fvbuild.film.diagnostics import Diagnostic, Severity, lines_of
from fvbuild.film.place import Place
from fvbuild.film.tree import unpack_position
from fvbuild.values import dataclass

MAX_BYTES = 32 * 1024 * 1024
"""The largest file that is read: about 80,000 shots. A larger film is split by ``include``."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read, or was looked for and is missing (digest empty).

    digest: xxh3-64 of its bytes, in hex. Times in nanoseconds, as the file system tells them.
    """

    path: str
    digest: str
    size: int = 0
    mtime_ns: int = 0
    ctime_ns: int = 0
    ino: int = 0


class Unreadable(Exception):
    """A file that no film can be read from; the message and hint are for its user."""

    def __init__(self, message: str, hint: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line
        self.column = column


def read_source(path: Path) -> tuple[bytes, SourceFile]:
    """The bytes of a file with its stat and digest. Raises Unreadable."""
    try:
        # O_NONBLOCK: a FIFO in place of a file must not hang the program.
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            stat = os.fstat(file.fileno())
            if stat.st_size > MAX_BYTES:
                raise Unreadable(
                    f"the file has {stat.st_size / 1e6:.0f} MB; at most "
                    f"{MAX_BYTES // 1024 // 1024} MiB are read",
                    "split the film with `include: [...]`",
                )
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Unreadable("no such file", "check the path; `fvbuild init` starts a film") from None
    except IsADirectoryError:
        raise Unreadable("this is a folder, not a film", "name the film.yaml in it") from None
    except OSError as error:
        raise Unreadable(
            f"cannot be read: {error.strerror}", "check the file and its permissions"
        ) from None
    if len(data) > MAX_BYTES:
        raise Unreadable("the file never ends", "give a plain file")
    return data, SourceFile(
        str(path),
        xxhash.xxh3_64_hexdigest(data),
        stat.st_size,
        stat.st_mtime_ns,
        stat.st_ctime_ns,
        stat.st_ino,
    )


def decode(data: bytes) -> str:
    """UTF-8 text, without its byte order mark. Raises Unreadable with the place."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise Unreadable("this is UTF-16, not UTF-8", "save the file as UTF-8") from None
        before = data[: error.start]
        begin = before.rfind(b"\n") + 1
        raise Unreadable(
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            "save the file as UTF-8",
            before.count(b"\n") + 1,
            len(before[begin:].decode("utf-8", "replace")) + 1,
        ) from None
    return text


class Sources:
    """The files of one load by number, and the diagnostics found in them.

    indirect: whether any of them used anchors, aliases or tags.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str] = []
        self.texts: list[str] = []
        self.found: list[Diagnostic] = []
        self.indirect = False
        self._lines: dict[str, tuple[str, list[str]]] = {}

    def add(self, name: str, text: str) -> int:
        """Number of a new file; ``name`` is its path relative to the film's folder."""
        self.names.append(name)
        self.texts.append(text)
        return len(self.names) - 1

    def place(self, position: int) -> Place:
        """The place of a position."""
        file, line, column = unpack_position(position)
        return Place(self.names[file], line + 1, column + 1)

    def report(
        self,
        severity: Severity,
        position: int,
        message: str,
        hint: str = "",
        code: str = "",
    ) -> None:
        """Note a fault at a position."""
        self.report_at(severity, self.place(position), message, hint, code)

    def report_at(
        self, severity: Severity, place: Place, message: str, hint: str = "", code: str = ""
    ) -> None:
        """Note a fault at a place."""
        source = self._line(place)
        self.found.append(Diagnostic(place, severity, message, hint, code, source))

    def _line(self, place: Place) -> str:
        if place.file not in self.names:
            return ""
        text = self.texts[self.names.index(place.file)]
        read, lines = self._lines.get(place.file, ("", [""]))
        if read is not text:
            lines = lines_of(text)
            self._lines[place.file] = text, lines
        return lines[place.line - 1] if place.line <= len(lines) else ""

    def error(self, position: int, message: str, hint: str = "") -> None:
        """Note an error."""
        self.report("error", position, message, hint)

    def warn(self, position: int, message: str, hint: str = "", code: str = "") -> None:
        """Note a warning."""
        self.report("warning", position, message, hint, code)

    @property
    def failed(self) -> bool:
        """Whether any error was noted."""
        return any(each.severity == "error" for each in self.found)
