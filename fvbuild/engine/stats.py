"""What a file system says of a file, and when that can be trusted to mean "unchanged".

A content digest found earlier still holds when size, mtime, ctime and inode are all the same:
ctime cannot be put back by a program that puts mtime back. The one hole is a change within the same
clock tick as the reading; a file that young is called *racy* and is read again next time (the
problem and its cure are git's: Documentation/technical/racy-git.txt).
"""

from __future__ import annotations

import os
import stat as modes
from typing import NamedTuple

# Kernel ticks are at most 10 ms (CONFIG_HZ=100); twice that is a safe distance.
RACY_NS = 20_000_000


class FileStat(NamedTuple):
    """The fields that change whenever the content does. Times in nanoseconds."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    def settled_at(self, now_ns: int) -> bool:
        """True when no change could hide behind these same values any more."""
        return max(self.mtime_ns, self.ctime_ns) < now_ns - RACY_NS


def stat_of(path: str | os.PathLike[str]) -> FileStat | None:
    """The stat of a regular file; None when there is none that can be read."""
    try:
        found = os.stat(path)  # noqa: PTH116 - hot path: Path.stat costs twice as much
    except (OSError, ValueError):  # a name from a damaged file may hold a NUL
        return None
    if not modes.S_ISREG(found.st_mode):
        return None
    return FileStat(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
