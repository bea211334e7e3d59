"""What the store asks of the disk: flushing many files, and refusals in plain words."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from fvbuild.errors import StoreError


def is_alive(process: int) -> bool:
    """True while a process of this number runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextlib.contextmanager
def writing(root: Path) -> Iterator[None]:
    """Turn what a disk refuses into a StoreError that says what to do."""
    try:
        yield
    except OSError as error:
        place = str(error.filename or root)
        if isinstance(error, FileExistsError | NotADirectoryError):
            raise StoreError(
                "the store is a folder, but this is a file",
                place=place,
                hint="move the file away; fvbuild keeps what it makes in a folder of this name",
            ) from error
        raise StoreError(
            f"the store cannot be written: {error.strerror or error}",
            place=place,
            hint=f"{_remedy(error)}; nothing made so far is lost",
        ) from error


def _remedy(error: OSError) -> str:
    """What helps against what the system said."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "make room (fvbuild gc)"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "make the folder writable, or copy the film to where it can be built"
    return "make room (fvbuild gc), or make the folder writable"


def make_folder(path: Path) -> Path:
    """The folder, made if it is missing. Raises StoreError."""
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


# From about here one call for the whole file system is cheaper than one a file.
_ONE_BY_ONE = 8


def flush_files(names: list[str]) -> None:
    """Files to disk: by one call for the file system when they are many (Linux)."""
    if len(names) > _ONE_BY_ONE and _sync_file_system(names[0]):
        return
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(name, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _sync_file_system(name: str) -> bool:
    """``syncfs(2)`` of the file system that holds ``name``; False where there is none."""
    import ctypes

    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        return False
    descriptor = os.open(name, os.O_RDONLY)
    try:
        if syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)
    return True
