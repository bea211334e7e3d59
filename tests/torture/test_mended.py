"""What torture has found, each in its smallest form."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fvbuild.engine import assembly
from fvbuild.engine.clock import SystemClock
from fvbuild.engine.store import DiskStore
from fvbuild.errors import StoreError


def test_a_copy_whose_success_is_told_as_an_error_holds_no_byte_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As over a network: the server copied, and its answer was lost."""
    data = os.urandom(300_000)
    (tmp_path / "old").write_bytes(data)
    copy = os.copy_file_range

    def lost(source: int, destination: int, count: int, *places: int) -> int:
        copy(source, destination, min(count, 100_000), *places)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "copy_file_range", lost)
    assembly.clone_or_copy(tmp_path / "old", tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == data


def test_an_artifact_that_cannot_be_removed_is_told_in_our_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DiskStore(tmp_path, {}, SystemClock())
    digest, _ = store.add_bytes(b"nobody needs it")

    def refuse(*_words: object, **_more: object) -> None:
        raise PermissionError(1, "Operation not permitted", str(store.path(digest)))

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(StoreError, match="cannot be written") as caught:
        store.remove([digest])
    assert caught.value.hint
