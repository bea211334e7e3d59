"""The lock: what is written is read again, and what is wrong is named with its place."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fvbuild.engine import lock as lock_module
from fvbuild.engine.action import Money
from fvbuild.engine.digest import content, quick
from fvbuild.engine.lock import STATUSES, Lock, LockLine, LockTake, lock_path, parse, with_status
from fvbuild.errors import FilmBuildError, StateError

_names = st.text(min_size=1, max_size=8).filter(
    lambda t: not any("\ud800" <= c <= "\udfff" for c in t)
)

_keys = st.just("") | st.builds(quick, st.binary(max_size=2))


@st.composite
def _lines(draw: st.DrawFn) -> LockLine:
    takes = tuple(
        LockTake(
            n=n,
            artifact=content(draw(st.binary(max_size=2))),
            origin=draw(_names),
            cost=draw(st.none() | st.builds(Money, st.floats(0, 1e6), st.just("USD"))),
            status=draw(st.sampled_from(["made", "rejected"])),
            facts=draw(st.dictionaries(_names, st.integers() | st.none() | _names, max_size=2)),
        )
        for n in sorted(draw(st.sets(st.integers(1, 9), min_size=1, max_size=3)))
    )
    chosen = draw(st.sampled_from(takes)).n
    line = LockLine(draw(_names), draw(_names), draw(_keys), chosen, "made", takes)
    return with_status(line, chosen, draw(st.sampled_from(sorted(STATUSES))))


_locks = st.lists(_lines(), max_size=4, unique_by=lambda line: line.node)


@settings(max_examples=settings().max_examples // 2)
@given(_locks)
def test_what_is_written_is_read_again(lines: list[LockLine]) -> None:
    text = Lock(lines).text()
    assert sorted(parse(text, "film.lock"), key=lambda line: line.node) == sorted(
        lines, key=lambda line: line.node
    )
    assert Lock(parse(text, "film.lock")).text() == text
    nodes = [json.loads(row)["node"] for row in text.split("\n") if row]
    assert nodes == sorted(nodes)


def _line(node: str = "pier/arrival/anchor", status: str = "made", artifact: str = "") -> str:
    return LockLine(
        node, "anchor", "ab" * 16, 1, status,
        (LockTake(1, artifact or content(b"x"), "flux", Money(0.5), status),),
    ).text()  # fmt: skip


def test_a_truncated_lock_is_an_error_or_a_shorter_lock_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "film.lock"
    whole = f"{_line('a')}\n{_line('b')}\n"
    ends = {0, len(_line("a")), len(_line("a")) + 1, len(whole) - 1, len(whole)}
    for size in range(len(whole) + 1):
        path.write_text(whole[:size])
        if size in ends:
            assert len(Lock.read(path).lines) == whole[:size].count('"node"')
        else:
            with pytest.raises(StateError, match="not a line of a lock"):
                Lock.read(path)
        assert path.read_text() == whole[:size]


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "=======", ">>>>>>> branch", "||||||| base"])
def test_conflict_marks_are_named_with_their_line(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "film.lock"
    text = f"{_line('a')}\n{mark}\n{_line('b')}\n"
    path.write_text(text)
    with pytest.raises(StateError, match="merge conflict") as caught:
        Lock.read(path)
    assert caught.value.place == f"{path}:2:1"
    assert caught.value.hint
    assert path.read_text() == text


def test_two_lines_of_one_node_are_named(tmp_path: Path) -> None:
    path = tmp_path / "film.lock"
    path.write_text(f"{_line('a')}\n{_line('b')}\n{_line('a', artifact=content(b'y'))}\n")
    with pytest.raises(StateError, match="'a' has two lines") as caught:
        Lock.read(path)
    assert caught.value.place == f"{path}:3:1"


def test_a_status_of_the_future_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "film.lock"
    path.write_text(_line().replace('"made"', '"blessed"'))
    with pytest.raises(StateError, match="'blessed' is not known") as caught:
        Lock.read(path)
    assert "newer" in (caught.value.hint or "")


_GOOD = json.loads(_line())


@pytest.mark.parametrize(
    "change",
    [
        {"node": 3}, {"node": None}, {"kind": []}, {"key": {}}, {"chosen": 0}, {"chosen": 2},
        {"chosen": True}, {"chosen": "1"}, {"chosen": 10**30}, {"status": "MADE"}, {"status": 1},
        {"takes": []}, {"takes": {}}, {"takes": None}, {"takes": {"n": 1}}, {"takes": ["x"]},
        {"takes": [[]]}, {"takes": 7}, {"node": "\ud800"}, {"key": "a"}, {"key": "../" + "a" * 29},
    ],
)  # fmt: skip
def test_hand_edits_that_mean_nothing_are_errors(change: dict[str, object]) -> None:
    with pytest.raises(StateError):
        parse(json.dumps({**_GOOD, **change}), "film.lock")


@pytest.mark.parametrize(
    "change",
    [
        {"n": 0}, {"n": -1}, {"n": 1.0}, {"n": 10**400}, {"artifact": "x"}, {"artifact": "F" * 64},
        {"artifact": "../" + "a" * 61}, {"artifact": None}, {"origin": 1}, {"cost": 3},
        {"cost": "free"}, {"cost": {"amount": "x", "currency": "USD"}}, {"cost": {"amount": 1}},
        {"cost": {"amount": 10**400, "currency": "USD"}}, {"cost": {"amount": -1, "currency": "X"}},
        {"cost": {"amount": float("nan"), "currency": "USD"}}, {"status": "?"}, {"facts": 3},
        {"facts": [1]}, {"facts": {"a": "\udfff"}}, {"origin": "\ud800"},
    ],
)  # fmt: skip
def test_hand_edits_of_a_take_that_mean_nothing_are_errors(change: dict[str, object]) -> None:
    take = {**_GOOD["takes"][0], **change}
    with pytest.raises(StateError):
        parse(json.dumps({**_GOOD, "takes": [take]}), "film.lock")


def test_a_number_given_to_two_takes_is_an_error() -> None:
    take = _GOOD["takes"][0]
    with pytest.raises(StateError, match="one number"):
        parse(json.dumps({**_GOOD, "takes": [take, take]}), "film.lock")


@pytest.mark.parametrize(
    "text", ["[]", "null", "{}", "3", '"node"', "[" * 5000, '{"node":' * 5000, "\x00", "{" * 9]
)
def test_lines_of_something_else_are_errors(text: str) -> None:
    with pytest.raises(StateError):
        parse(text, "film.lock")


def test_bytes_that_are_not_text_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "film.lock"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StateError, match="cannot be read"):
        Lock.read(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(StateError, match="cannot be read"):
        Lock.read(path)


def test_windows_line_ends_and_blank_lines_are_no_matter() -> None:
    assert len(parse(f"{_line('a')}\r\n\r\n\n{_line('b')}", "film.lock")) == 2


_BASE = (f"{_line('a')}\n{_line('b', 'approved')}\n").encode()


@settings(max_examples=settings().max_examples // 2)
@given(
    st.lists(
        st.tuples(st.integers(0, len(_BASE)), st.integers(0, 4), st.binary(max_size=3)), max_size=4
    )
)
@example([(0, 0, b"\xef\xbb\xbf")])
def test_mutated_bytes_never_give_anything_but_our_errors(
    changes: list[tuple[int, int, bytes]],
) -> None:
    data = _BASE
    for at, removed, added in changes:
        data = data[:at] + added + data[at + removed :]
    try:
        lines = parse(data.decode(), "film.lock")
    except UnicodeDecodeError:
        return
    except FilmBuildError as error:
        assert error.place
        return
    again = Lock(lines).text()
    again.encode()
    assert Lock(parse(again, "film.lock")).text() == again


def test_a_lock_is_written_only_when_it_differs_and_read_without_parsing(tmp_path: Path) -> None:
    path = tmp_path / "film.lock"
    assert not path.exists()
    Lock(path=path).write()
    assert not path.exists()
    lines = parse(f"{_line('b')}\n{_line('a')}\n", "film.lock")
    seal = Lock(lines, path).write()
    before = path.stat()
    assert Lock(lines, path).write() == seal
    assert path.stat().st_mtime_ns == before.st_mtime_ns and path.stat().st_ino == before.st_ino
    quick = Lock.read(path, understood=seal)
    assert quick.get("a") == lines[1] and quick.get("c") is None
    assert quick.text() == path.read_text()
    assert quick.lines == Lock.read(path).lines


@settings(max_examples=settings().max_examples // 2)
@given(_locks)
def test_reading_lazily_is_reading(lines: list[LockLine]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.lock"
        seal = Lock(lines, path).write()
        lazy, eager = Lock.read(path, understood=seal), Lock.read(path)
        for line in lines:
            assert not line.key or line in lazy.of_key(line.key)
        assert set(lazy.nodes()) == set(eager.nodes())
        assert lazy.lines == eager.lines
        assert lazy.text() == eager.text()


_deeds = st.lists(
    st.tuples(
        st.sampled_from(["get", "put", "drop", "of key", "text", "nodes", "digests"]),
        st.integers(0, 9),
        _lines(),
    ),
    max_size=8,
)


@given(lines=_locks, deeds=_deeds, few=st.sampled_from([0, 1, 200]))
def test_a_lock_that_is_not_taken_apart_is_the_same_lock(
    lines: list[LockLine], deeds: list[tuple[str, int, LockLine]], few: int
) -> None:
    """Whatever is asked and changed first, and however many lines were looked up."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(lock_module, "_FEW", few)
        path = Path(folder) / "film.lock"
        seal = Lock(lines, path).write()
        lazy, eager = Lock.read(path, understood=seal), Lock(lines, path)
        for deed, at, new in deeds:
            known = [line.node for line in lines]
            node = known[at] if at < len(known) else new.node
            if deed == "get":
                assert lazy.get(node) == eager.get(node)
            elif deed == "put":
                for lock in (lazy, eager):
                    lock.put(replace(new, node=node))
            elif deed == "drop":
                for lock in (lazy, eager):
                    lock.drop(node)
            elif deed == "of key" and new.key:
                found = [sorted(x.node for x in lock.of_key(new.key)) for lock in (lazy, eager)]
                assert found[0] == found[1]
            elif deed == "text":
                assert lazy.text() == eager.text()
            elif deed == "nodes":
                assert sorted(lazy.nodes()) == sorted(eager.nodes())
            elif deed == "digests":
                assert lazy.digests() == eager.digests()
        assert lazy.text() == eager.text()
        assert lazy.lines == eager.lines


def test_each_profile_has_its_own_lock() -> None:
    assert lock_path(Path("/a/film.yaml"), None) == Path("/a/film.lock")
    assert lock_path(Path("/a/film.yaml"), "draft") == Path("/a/film.draft.lock")
