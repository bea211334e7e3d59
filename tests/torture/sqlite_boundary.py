"""SQLite's calls to the system, recorded and disturbed: a layer of ours below the SQLite in use.

SQLite takes its files through a table of functions (sqlite.org/vfs.html). A copy of the one in use,
in which opening, reading, writing, flushing, shortening and removing go through a :class:`Watch`,
is made the default while a test runs.
"""

from __future__ import annotations

import _sqlite3
import contextlib
import ctypes
import os
from collections.abc import Callable, Iterator
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_longlong, c_void_p
from pathlib import Path
from typing import Any

from boundaries import Fault, Watch

_FULL = 13
_CANTOPEN = 14
_IOERR_READ, _IOERR_WRITE, _IOERR_FSYNC = 266, 778, 1034
_IOERR_TRUNCATE, _IOERR_DELETE = 1546, 2570

_VFS_CALLS = (
    "xOpen xDelete xAccess xFullPathname xDlOpen xDlError xDlSym xDlClose xRandomness xSleep "
    "xCurrentTime xGetLastError xCurrentTimeInt64 xSetSystemCall xGetSystemCall xNextSystemCall"
)
_FILE_CALLS = (
    "xClose xRead xWrite xTruncate xSync xFileSize xLock xUnlock xCheckReservedLock xFileControl "
    "xSectorSize xDeviceCharacteristics xShmMap xShmLock xShmBarrier xShmUnmap xFetch xUnfetch"
)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        *((name, c_void_p) for name in _VFS_CALLS.split()),
    )


class _Io(ctypes.Structure):
    _fields_ = (("iVersion", c_int), *((name, c_void_p) for name in _FILE_CALLS.split()))


# Names are pointers: SQLite keeps more behind their end.
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_BYTES = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_longlong)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_longlong)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


def library() -> Any:
    """The SQLite that Python uses. Raises AttributeError where its functions are hidden."""
    found = ctypes.CDLL(_sqlite3.__file__)
    found.sqlite3_vfs_find.restype = POINTER(_Vfs)
    found.sqlite3_vfs_find.argtypes = [c_char_p]
    found.sqlite3_vfs_register.argtypes = [POINTER(_Vfs), c_int]
    found.sqlite3_vfs_unregister.argtypes = [POINTER(_Vfs)]
    return found


class _Layer:
    """The copy of SQLite's table. What ctypes made must live as long as SQLite may call it."""

    def __init__(self, watch: Watch, sqlite: Any) -> None:
        self._watch = watch
        self._sqlite = sqlite
        self._real = sqlite.sqlite3_vfs_find(None)
        self._names: dict[int, str] = {}
        self._tables: dict[int, _Io] = {}
        self._kept: list[Any] = []
        self.vfs = _Vfs.from_buffer_copy(self._real.contents)
        self.vfs.zName = b"watched"
        self._open = _OPEN(self.vfs.xOpen)
        self._delete = _DELETE(self.vfs.xDelete)
        self.vfs.xOpen = self._pointer(_OPEN(self._opened))
        self.vfs.xDelete = self._pointer(_DELETE(self._deleted))

    def register(self) -> None:
        """Become the default."""
        self._sqlite.sqlite3_vfs_register(ctypes.byref(self.vfs), 1)

    def unregister(self) -> None:
        """Let the one before be the default again."""
        self._sqlite.sqlite3_vfs_unregister(ctypes.byref(self.vfs))
        self._sqlite.sqlite3_vfs_register(self._real, 1)

    def _pointer(self, function: Any) -> Any:
        self._kept.append(function)
        return ctypes.cast(function, c_void_p).value

    def _call(
        self,
        kind: str,
        name: str | None,
        refused: int,
        do: Callable[[], int],
        half: Callable[[], int] = lambda: 0,
    ) -> int:
        path = None if name is None else self._watch.below(name)
        if path is None:
            return do()
        # The index beside a write-ahead log is made anew from it; it holds nothing.
        fault = None if path.endswith("-shm") else self._watch.meet(kind, kind, path)
        if fault is Fault.BEFORE:
            self._watch.kill()
        if fault is Fault.ERROR:
            return refused
        if fault is Fault.FULL:
            return _FULL if "write" in kind else refused
        if fault in (Fault.TORN, Fault.TORN_TOLD):
            half()
            if fault is Fault.TORN:
                self._watch.kill()
            return _FULL
        code = do()
        self._note(kind, path)
        if fault is Fault.AFTER:
            self._watch.kill()
        if fault is Fault.POWER:
            self._watch.cut_power()
        return refused if fault is Fault.LOST else code

    def _note(self, kind: str, path: str) -> None:
        """Of a log what was flushed stays; a database file is repaired from its log."""
        if path.endswith("-wal") and kind in ("sqlite write", "sqlite flush"):
            flushed = kind == "sqlite flush"
            try:
                size_bytes = Path(path).stat().st_size
            except OSError:  # moved aside with its database meanwhile
                return
            if flushed:
                self._watch.unflushed[path] = size_bytes
            else:
                self._watch.unflushed.setdefault(path, 0)

    # --- SQLite calls ---------------------------------------------------------------------------

    def _opened(self, _vfs: int, name: int | None, file: int, flags: int, told: int) -> int:
        real = ctypes.cast(self._real, c_void_p)
        path = None if name is None else os.fsdecode(ctypes.string_at(name))
        code = self._call(
            "sqlite open", path, _CANTOPEN, lambda: int(self._open(real, name, file, flags, told))
        )
        table = c_void_p.from_address(file)
        if code == 0 and table.value and path is not None and self._watch.below(path):
            self._names[file] = path
            table.value = ctypes.addressof(self._table(table.value))
        elif code:
            table.value = None
        return code

    def _deleted(self, _vfs: int, name: int, sync: int) -> int:
        real = ctypes.cast(self._real, c_void_p)
        return self._call(
            "sqlite remove",
            os.fsdecode(ctypes.string_at(name)),
            _IOERR_DELETE,
            lambda: int(self._delete(real, name, sync)),
        )

    def _table(self, address: int) -> _Io:
        if address in self._tables:
            return self._tables[address]
        real = _Io.from_address(address)
        ours = _Io.from_buffer_copy(real)
        read, write = _BYTES(real.xRead), _BYTES(real.xWrite)
        truncate, sync = _TRUNCATE(real.xTruncate), _SYNC(real.xSync)

        def on_read(file: int, data: int, count: int, at: int) -> int:
            name = self._names.get(file)
            return self._call(
                "sqlite read", name, _IOERR_READ, lambda: int(read(file, data, count, at))
            )

        def on_write(file: int, data: int, count: int, at: int) -> int:
            return self._call(
                "sqlite write",
                self._names.get(file),
                _IOERR_WRITE,
                lambda: int(write(file, data, count, at)),
                lambda: int(write(file, data, count // 2, at)),
            )

        def on_truncate(file: int, size: int) -> int:
            name = self._names.get(file)
            return self._call(
                "sqlite truncate", name, _IOERR_TRUNCATE, lambda: int(truncate(file, size))
            )

        def on_sync(file: int, flags: int) -> int:
            name = self._names.get(file)
            return self._call("sqlite flush", name, _IOERR_FSYNC, lambda: int(sync(file, flags)))

        ours.xRead = self._pointer(_BYTES(on_read))
        ours.xWrite = self._pointer(_BYTES(on_write))
        ours.xTruncate = self._pointer(_TRUNCATE(on_truncate))
        ours.xSync = self._pointer(_SYNC(on_sync))
        self._tables[address] = ours
        return ours


_LAYERS: list[_Layer] = []
"""A connection that nobody closed may still call a layer: none is ever thrown away."""


@contextlib.contextmanager
def sqlite_watched(watch: Watch) -> Iterator[None]:
    """Within: connections that are opened go through the watch."""
    layer = _Layer(watch, library())
    _LAYERS.append(layer)
    layer.register()
    try:
        yield
    finally:
        layer.unregister()
