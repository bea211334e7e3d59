"""Knows from recorded stats that a build has nothing to do, before anything heavy is imported.

After a build that left everything up to date, the stats of all it depends on are recorded: the
film's files, inputs, lock, artifacts, everything under ``out/``, and what is installed. While they
are all the same, there is nothing to do. Any doubt, and the build goes the long way.
"""

from __future__ import annotations

import os
import sys
from array import array
from collections.abc import Iterator, Sequence

from fvbuild import __version__

FORMAT = 2
UNTRUSTED = "FVBUILD_UNTRUSTED"
FOLDER = "unchanged"
ABSENT = (-1, -1, -1, -1)
_MOST_SHOWN = 12
_PLAIN = frozenset({"--keep-going", "--fail-fast", "--no-color", "--quiet", "-q", "--untrusted"})
_WITH_VALUE = frozenset({"--jobs", "-j", "--budget"})
_TOLD_OTHERWISE = frozenset({"--json", "--verbose", "-v"})
_OURS = frozenset({"-f", "--film", "--profile"})


def is_untrusted(asked: bool = False) -> bool:
    """Whether nothing of the film is believed: ``asked`` for by an option, or by the variable."""
    return asked or os.environ.get(UNTRUSTED, "") not in ("", "0")


class Request:
    """What a command line asks for, as far as it decides whether there is anything to do."""

    __slots__ = ("film", "goals", "plain", "profile", "quiet", "untrusted")

    def __init__(
        self,
        film: str,
        profile: str,
        goals: tuple[str, ...],
        quiet: bool,
        untrusted: bool = False,
        plain: bool = True,
    ) -> None:
        self.film = film
        self.plain = plain  # it can be answered here; else one can only begin to look
        self.profile = profile
        self.goals = goals
        self.quiet = quiet
        self.untrusted = is_untrusted(untrusted)

    def name(self) -> str:
        """The name of its record: everything that is not a file but decides the outcome."""
        from zlib import crc32

        path = os.environ.get("PATH", "")
        words = "\0".join([self.film, self.profile, __version__, path, *self.goals])
        if self.untrusted:
            words += "\0\0untrusted"
        data = words.encode(errors="surrogateescape")
        return f"{crc32(data):08x}{crc32(data[::-1]):08x}"


def request_of(argv: Sequence[str]) -> Request | None:
    """The request of a ``build``; None when the words hold anything that is not understood here."""
    film, profile, quiet, goals = "", "", False, list[str]()
    verb, untrusted, plain = False, False, True
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        if name in _OURS or name in _WITH_VALUE:
            if not equals:
                value = next(words, "")
            if name in _WITH_VALUE and not _is_plain(value):
                return None
            if name == "--profile":
                profile = value
            elif name in _OURS:
                film = value
        elif name == "--events":
            plain = False
            if not equals:
                next(words, "")
        elif word in _TOLD_OTHERWISE:
            plain = False
        elif word in _PLAIN:
            quiet = quiet or word in ("-q", "--quiet")
            untrusted = untrusted or word == "--untrusted"
        elif word.startswith("-"):
            return None
        elif not verb:
            if word != "build":
                return None
            verb = True
        else:
            goals.append(word)
    if not verb:
        return None
    return Request(film_file(film), profile, tuple(goals), quiet, untrusted, plain)


def _is_plain(amount: str) -> bool:
    """True for ``4`` and ``12 USD``; anything else may be wrong, and is not judged here."""
    number = amount.removesuffix(" USD")
    return number.isascii() and number.isdecimal() and number[0] != "0" and len(number) < 5


def film_file(given: str) -> str:
    """The absolute path of the film that ``-f`` names."""
    path = os.path.abspath(given or ".")
    return f"{path}/film.yaml" if os.path.isdir(path) else path


def cache_of(film: str) -> str:
    """The cache of a film's workspace, as :mod:`fvbuild.project.workspace` finds it."""
    if named := os.environ.get("FVBUILD_WORKSPACE", ""):
        return f"{os.path.dirname(os.path.abspath(named))}/cache"
    folder = os.path.dirname(film)
    while not os.path.isfile(f"{folder}/fvbuild.yaml"):
        parent = os.path.dirname(folder)
        if parent == folder:
            folder = os.path.dirname(film)
            break
        folder = parent
    return f"{folder}/cache"


def try_quick_build(argv: Sequence[str]) -> int | None:
    """Exit code 0, with the ending told, when nothing changed; None when a real build is needed."""
    request = request_of(argv)
    if request is None:
        return None
    told = _told(request)
    if told is None:
        return None
    title, shown = told
    lines = [] if request.quiet else [f"{title} is up to date"]
    here = os.getcwd() + "/"
    indent = "" if request.quiet else "  "
    most = len(shown) if request.quiet else _MOST_SHOWN
    lines += [indent + path.removeprefix(here) for path in shown[:most]]
    if len(shown) > most:
        lines.append(f"  and {len(shown) - most:,} more files")
    try:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    except UnicodeEncodeError:
        return None  # a name that this terminal cannot show: the long way knows how to
    sys.stdout.flush()
    return 0


class Record:
    """What was recorded: files by absolute path with their stats, the title, files to open."""

    __slots__ = ("data", "names", "shown", "stats", "title")

    def __init__(
        self, data: bytes, names: list[str], stats: array[int], title: str, shown: list[str]
    ) -> None:
        self.data = data
        self.names = names
        self.stats = stats
        self.title = title
        self.shown = shown

    def files(self) -> dict[str, Sequence[int] | None]:
        """Stats by absolute path; None for what was absent."""
        found: dict[str, Sequence[int] | None] = {}
        for at, path in enumerate(_absolute(self.names)):
            stat = tuple(self.stats[4 * at : 4 * at + 4])
            found[path] = None if stat == ABSENT else stat
        return found


def read(request: Request) -> Record | None:
    """The record of a request; None when there is none of use."""
    cache = cache_of(request.film)
    try:
        with open(f"{cache}/{FOLDER}/{request.name()}", "rb") as file:
            data = file.read()
        # A state that was deleted or emptied: the long way begins it anew, and says so.
        if not os.path.getsize(f"{cache}/state.sqlite3"):
            return None
        head, _, rest = data.partition(b"\n")
        version, count, text_size = (int(word) for word in head.split())
        if version != FORMAT:
            return None
        stats = array("q")
        stats.frombytes(rest[: count * 32])
        text = rest[count * 32 : count * 32 + text_size].decode(errors="surrogateescape")
        names = rest[count * 32 + text_size :].decode(errors="surrogateescape").split("\0")
    except (OSError, ValueError):
        return None
    if len(names) != count or len(stats) != 4 * count:
        return None
    title, *shown = text.split("\0")
    return Record(data, names, stats, title, shown)


def _told(request: Request) -> tuple[str, list[str]] | None:
    """The film's title and files to open, if all recorded stats are as they were."""
    record = read(request)
    if record is None:
        return None
    if not request.plain or differing(record.names, record.stats, 0) != []:
        from fvbuild.project import looking

        looking.begin(request.name(), record)
        return None
    return record.title, record.shown


def _absolute(names: list[str]) -> Iterator[str]:
    """Names are recorded relative to the folder of the one before: most share it."""
    folder = ""
    for name in names:
        if name[:1] == "/":
            folder = name[: name.rfind("/") + 1]
            yield name
        else:
            yield folder + name


def differing(names: list[str], recorded: array[int], most: int) -> list[str] | None:
    """The files whose stats differ from the recorded ones; None when there are more than ``most``
    (0 asks only whether there are any)."""
    stat = os.stat
    found: list[str] = []
    at = -4
    for path in _absolute(names):
        at += 4
        try:
            now = stat(path)
        except OSError:
            if recorded[at] == -1:
                continue
        else:
            if (
                now.st_mtime_ns == recorded[at + 1]
                and now.st_ctime_ns == recorded[at + 2]
                and now.st_ino == recorded[at + 3]
                and now.st_size == recorded[at]
            ):
                continue
        if len(found) >= most:
            return None
        found.append(path)
    return found


def forget_records(cache: str | os.PathLike[str]) -> None:
    """Drop what is recorded of all films: the next builds go the long way."""
    folder = os.path.join(cache, FOLDER)
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        try:
            os.unlink(os.path.join(folder, name))
        except OSError:
            continue
