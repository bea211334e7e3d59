"""Paths of a film's files: always relative to its folder, never out of it."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath


def inside(path: str) -> str | None:
    """A relative path with ``.`` and ``..`` worked out; None when it leaves its folder."""
    if path.startswith(("/", "~")) or "\\" in path or "\0" in path or PureWindowsPath(path).drive:
        return None
    parts: list[str] = []
    for part in PurePosixPath(path).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts) or None
