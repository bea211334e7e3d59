"""Assemblies: written from their pieces, and never believed without a look."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.engine.assembly import Assembly, Piece, clone_or_copy, matches, parse, write
from fvbuild.engine.digest import content
from fvbuild.errors import ArtifactError, FilmBuildError

_DIGEST = content(b"x")


def _document(*pieces: dict[str, object], size: object = 5, version: object = 1) -> bytes:
    return json.dumps(
        {"version": version, "media_type": "video/mp4", "size": size, "pieces": pieces}
    ).encode()


_OWN: dict[str, object] = {"data": base64.b64encode(b"head").decode()}
_RANGE: dict[str, object] = {"artifact": _DIGEST, "offset": 2, "length": 3}


def test_a_document_says_what_it_is_made_of() -> None:
    found = parse(_document(_OWN, _RANGE, size=7))
    assert found == Assembly(
        "video/mp4", 7, (Piece(b"head", None, 0, 4), Piece(b"", _DIGEST, 2, 3))
    )
    assert found.artifacts == {_DIGEST}


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"[]", b"null", b"\xff", b"3", b'{"version": 1}',
        _document(version=2), _document(size="big"), _document(size=None),
        _document(size=float("inf")),
        _document({"data": "not base64!"}), _document({"data": 3}), _document({}),
        _document({**_RANGE, "offset": -1}), _document({**_RANGE, "length": -1}),
        _document({**_RANGE, "offset": "x"}), _document({**_RANGE, "artifact": "../../etc"}),
        _document({**_RANGE, "artifact": None}), _document({**_RANGE, "length": 1e400}),
        b'{"version": 1, "media_type": "v", "size": 1, "pieces": 3}',
        b'{"version": 1, "media_type": "v", "size": 1, "pieces": ["x"]}',
        b'{"version": 1, "media_type": "v", "size": 1, "pieces": [3]}',
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_assembly_is_an_artifact_error(text: bytes) -> None:
    with pytest.raises(ArtifactError):
        parse(text)


_BASE = _document(_OWN, _RANGE)


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


def _find(folder: Path) -> Path:
    path = folder / "piece"
    path.write_bytes(b"0123456789")
    return path


def test_pieces_are_put_together(tmp_path: Path) -> None:
    piece = _find(tmp_path)
    whole = Assembly("v", 9, (Piece(b"ab", length=2), Piece(b"", _DIGEST, 3, 4),
                              Piece(b"", _DIGEST, 0, 3)))  # fmt: skip
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
    long = Assembly("v", 20, (Piece(b"", _DIGEST, 5, 20),))
    with pytest.raises(ArtifactError, match="shorter"):
        write(long, lambda _digest: piece, out)
    with pytest.raises(ArtifactError, match="missing"):
        write(long, lambda _digest: tmp_path / "nothing", out)
    with pytest.raises(ArtifactError, match="add up"):
        write(Assembly("v", 3, (Piece(b"", _DIGEST, 0, 4),)), lambda _digest: piece, out)


def test_more_pieces_than_files_may_be_open_at_once(tmp_path: Path) -> None:
    files = {}
    for n in range(200):
        data = bytes([n]) * 3
        files[content(data)] = tmp_path / f"{n}"
        files[content(data)].write_bytes(data)
    pieces = tuple(Piece(b"", digest, 0, 3) for digest in [*files, *files])
    out = tmp_path / "out"
    write(Assembly("v", 1200, pieces), lambda digest: files[digest], out)
    assert out.read_bytes() == b"".join(bytes([n]) * 3 for n in range(200)) * 2


def test_a_copy_shares_nothing_with_its_source(tmp_path: Path) -> None:
    piece = _find(tmp_path)
    copy = tmp_path / "copy"
    clone_or_copy(piece, copy)
    copy.write_bytes(b"changed")
    assert piece.read_bytes() == b"0123456789"
    assert piece.stat().st_ino != copy.stat().st_ino
