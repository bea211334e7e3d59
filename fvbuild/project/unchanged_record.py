"""Writes the record of stats that the quick answer of the next builds stands on.

Apart from :mod:`fvbuild.project.unchanged`, which reads it, so that a build with nothing to do has
that much less to import.
"""

from __future__ import annotations

import os
import sys
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

from fvbuild.project.unchanged import ABSENT, FOLDER, FORMAT, Request, cache_of


def save(
    request: Request,
    files: Iterable[tuple[str, Sequence[int] | None]],
    title: str,
    shown: Sequence[str],
    edited: Sequence[str] = (),
) -> bytes | None:
    """Record that this request has nothing to do while these files stay as they are.

    ``files`` are absolute paths with (size, mtime, ctime, inode); None for what must stay absent.
    ``edited`` are those that people edit: they are looked at first, in this order.
    Returns what was written. A record that cannot be written is no loss: the next build goes the
    long way.
    """
    stats = array("q")
    names: list[str] = []
    folder = ""
    rank = {path: number for number, path in enumerate(edited)}
    for path, found in sorted(files, key=lambda each: (rank.get(each[0], len(rank)), each[0])):
        if folder and path.startswith(folder) and "/" not in path[len(folder) :]:
            names.append(path[len(folder) :])
        else:
            names.append(path)
            folder = path[: path.rfind("/") + 1]
        stats.extend(ABSENT if found is None else found)
    text = "\0".join([title, *shown]).encode(errors="surrogateescape")
    record = Path(cache_of(request.film), FOLDER, request.name())
    temporary = record.with_name(f"{record.name}.{os.getpid()}")
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        data = b"".join(
            [
                f"{FORMAT} {len(names)} {len(text)}\n".encode(),
                stats.tobytes(),
                text,
                "\0".join(names).encode(errors="surrogateescape"),
            ]
        )
        temporary.write_bytes(data)
        temporary.replace(record)
    except (OSError, ValueError, OverflowError):
        return None
    return data


def installed() -> list[str]:
    """Folders whose change means that something was installed, upgraded or removed."""
    return [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]


def stat_of_folder(path: str) -> tuple[int, int, int, int] | None:
    """The stat of a folder: it changes when an entry is added, renamed or removed."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
