"""Assemblies: written from their pieces, and never believed without a look."""

from __future__ import annotations

import json
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.engine.assembly import Assembly, clone_or_copy, matches, parse, write
from fvbuild.engine.digest import content
from fvbuild.errors import ArtifactError, FilmBuildError

_DIGEST = content(b"x")
_LINE: dict[str, object] = {
    "version": 2, "media_type": "video/mp4", "size": 7, "artifacts": [_DIGEST],
    "head": 4, "ranges": 1, "notes": 3,
}  # fmt: skip


def _ranges(*numbers: int) -> array[int]:
    return array("Q", numbers)


def _document(
    *, ranges: tuple[int, ...] = (0, 2, 3), notes: bytes = b"abc", **changed: object
) -> bytes:
    line = json.dumps({**_LINE, **changed}).encode()
    return line + b"\nhead" + _ranges(*ranges).tobytes() + notes


def test_a_document_says_what_it_is_made_of() -> None:
    found = parse(_document())
    assert found == Assembly("video/mp4", 7, b"head", (_DIGEST,), _ranges(0, 2, 3))
    assert list(found.pieces()) == [(_DIGEST, 2, 3)]


def test_neighbouring_ranges_are_one_piece() -> None:
    ranges = _ranges(0, 2, 3, 0, 5, 1, 1, 6, 2, 1, 0, 1, 1, 1, 4)
    found = Assembly("v", 11, b"", ("a", "b"), ranges)
    assert list(found.pieces()) == [("a", 2, 4), ("b", 6, 2), ("b", 0, 5)]
    assert list(Assembly("v", 0, b"").pieces()) == []


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"[]", b"null", b"\xff", b"3", b'{"version": 2}', b'{"version": 2}\n',
        _document(version=1), _document(version=3), _document(size="big"), _document(size=None),
        _document(size=float("inf")), _document(artifacts=["../../etc"]),
        _document(artifacts=[None]), _document(artifacts=3), _document(artifacts=[]),
        _document(ranges=(1, 2, 3)), _document(ranges=(0, 2)), _document(ranges=(0, 2, 3, 0)),
        _document(ranges=(0, 2**63, 3)), _document(ranges=(0, 2, 2**63)),
        _document(head=-1), _document(head=5), _document(head="4x"), _document(ranges_=1)[:-1],
        _document(notes=b"abcd"), _document(head=2**70), _document(head=1e400),
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_assembly_is_an_artifact_error(text: bytes) -> None:
    with pytest.raises(ArtifactError):
        parse(text)


_BASE = _document()


@given(
    st.lists(
        st.tuples(st.integers(0, len(_BASE)), st.integers(0, 5), st.binary(max_size=4)), max_size=3
    )
)
def test_mutated_bytes_never_give_anything_but_our_errors(
    changes: list[tuple[int, int, bytes]],
) -> None:
    data = _BASE
    for at, removed, added in changes:
        data = data[:at] + added + data[at + removed :]
    try:
        found = parse(data)
    except FilmBuildError:
        return
    assert all(len(digest) == 64 for digest in found.artifacts)
    assert all(digest in found.artifacts for digest, _, _ in found.pieces())


def _find(folder: Path) -> Path:
    path = folder / "piece"
    path.write_bytes(b"0123456789")
    return path


def test_pieces_are_put_together(tmp_path: Path) -> None:
    piece = _find(tmp_path)
    whole = Assembly("v", 9, b"ab", (_DIGEST,), _ranges(0, 3, 4, 0, 0, 3))
    out = tmp_path / "out"
    write(whole, lambda _digest: piece, out)
    assert out.read_bytes() == b"ab3456012"
    assert matches(whole, lambda _digest: piece, out)
    for wrong in (b"ab3456013", b"ab34560123", b"", b"ab345601"):
        out.write_bytes(wrong)
        assert not matches(whole, lambda _digest: piece, out)


def test_a_short_or_missing_piece_is_an_artifact_error(tmp_path: Path) -> None:
    piece = _find(tmp_path)
    out = tmp_path / "out"
    long = Assembly("v", 20, b"", (_DIGEST,), _ranges(0, 5, 20))
    with pytest.raises(ArtifactError, match="shorter"):
        write(long, lambda _digest: piece, out)
    with pytest.raises(ArtifactError, match="missing"):
        write(long, lambda _digest: tmp_path / "nothing", out)
    with pytest.raises(ArtifactError, match="add up"):
        wrong = Assembly("v", 3, b"", (_DIGEST,), _ranges(0, 0, 4))
        write(wrong, lambda _digest: piece, out)


def test_long_and_short_ranges_keep_their_order(tmp_path: Path) -> None:
    piece = tmp_path / "piece"
    data = bytes(range(256)) * 1200
    piece.write_bytes(data)
    ranges = _ranges(0, 7, 9, 0, 1, 200_000, 0, 5, 11, 0, 0, 65_537, 0, 3, 65_536)
    whole = Assembly("v", 331_095, b"ab", (_DIGEST,), ranges)
    out = tmp_path / "out"
    write(whole, lambda _digest: piece, out)
    expected = [data[offset : offset + length] for _, offset, length in whole.pieces()]
    assert out.read_bytes() == b"ab" + b"".join(expected)
    assert matches(whole, lambda _digest: piece, out)
    with pytest.raises(ArtifactError, match="shorter"):
        short = Assembly("v", 300_000, b"", (_DIGEST,), _ranges(0, 300_000, 300_000))
        write(short, lambda _digest: piece, out)


def test_more_pieces_than_files_may_be_open_at_once(tmp_path: Path) -> None:
    files = {}
    for n in range(200):
        data = bytes([n]) * 3
        files[content(data)] = tmp_path / f"{n}"
        files[content(data)].write_bytes(data)
    numbers = [part for n in [*range(200), *range(200)] for part in (n, 0, 3)]
    out = tmp_path / "out"
    whole = Assembly("v", 1200, b"", tuple(files), _ranges(*numbers))
    write(whole, lambda digest: files[digest], out)
    assert out.read_bytes() == b"".join(bytes([n]) * 3 for n in range(200)) * 2


def test_a_copy_shares_nothing_with_its_source(tmp_path: Path) -> None:
    piece = _find(tmp_path)
    copy = tmp_path / "copy"
    clone_or_copy(piece, copy)
    copy.write_bytes(b"changed")
    assert piece.read_bytes() == b"0123456789"
    assert piece.stat().st_ino != copy.stat().st_ino
