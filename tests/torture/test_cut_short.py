"""Lock, state and ledger cut short at every byte: nothing decided is lost, nothing bought again.

By default a slice of all places; ``--torture 1`` for every byte.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from boundaries import KILLED
from edits import Draft
from faults import in_child
from scenarios import Buy, copy_of, damaged_files
from shops import Shop
from studio import Studio
from toys import Toy, oracle

from fvbuild.engine.ledger import Ledger
from fvbuild.engine.lock import Lock
from fvbuild.engine.purchase import Stage
from fvbuild.engine.state import State
from fvbuild.errors import StateError, UnresolvedError
from fvbuild.project import deciding

DRAFT = Draft(
    {
        "a": Toy("picture", {"look": "red"}, takes=2),
        "b": Toy("clip", {}, (("start", "a", None),)),
        "cut": Toy("joined", {}, (("clip", "b", None),)),
    },
    {},
)
TRUTH = oracle(DRAFT.film, {}, chosen={"a": 2})


def _places(size_bytes: int, step: int) -> list[int]:
    """Where a file is cut: every ``step``-th byte, and near its ends."""
    near = {0, 1, size_bytes // 2, size_bytes - 2, size_bytes - 1}
    return sorted(near | set(range(0, size_bytes, step)))


@pytest.fixture
def studio(folder: Path) -> Studio:
    """A film all of whose takes were bought; the second take of ``a`` is approved."""
    studio = Studio(folder / "film", Shop(folder / "shop"), "one")
    studio.build(DRAFT)
    with studio.project(DRAFT) as project:
        deciding.choose(project, "a", 2)
        deciding.approve(project, ["a"])
    studio.build(DRAFT)
    assert studio.disk.texts() == TRUTH
    return studio


def _is_right(studio: Studio, bill: int) -> None:
    """A build shows the film as it was, and buys nothing."""
    studio.build(DRAFT)
    assert studio.disk.texts() == TRUTH
    line = studio.lock().get("a")
    assert line is not None and (line.chosen, line.status) == (2, "approved")
    assert len(studio.shop.bill()) == bill


def test_the_lock_at_every_byte(studio: Studio, thorough: bool) -> None:
    path, bill = studio.disk.lock_path, len(studio.shop.bill())
    whole = path.read_bytes()
    # A line that lacks its line's end only is whole; one that is gone was never there.
    ends = [at for at in range(len(whole)) if whole[at : at + 1] == b"\n"]
    fine = {0, *ends, *(at + 1 for at in ends)}
    places = sorted({*_places(len(whole), 1 if thorough else 17), *fine} - {len(whole)})
    for at in places:
        path.write_bytes(whole[:at])
        try:
            studio.build(DRAFT)
            assert at in fine
        except StateError as error:
            assert at not in fine
            assert error.hint and str(path) in (error.place or "")
            assert path.read_bytes() == whole[:at], "what cannot be understood stays as it is"
        else:
            assert len(Lock.read(path).lines) == 2
        assert len(studio.shop.bill()) == bill, "nothing is bought again"
        path.write_bytes(whole)
        _is_right(studio, bill)
        assert path.read_bytes() == whole
    print(f"the lock: {len(places)} cuts of {len(whole)} bytes")


def _cut_state(studio: Studio, name: str, kept: dict[str, bytes], at: int) -> None:
    for found in studio.disk.cache.glob("state.sqlite3*"):
        found.unlink()
    for other, data in kept.items():
        (studio.disk.cache / other).write_bytes(data[:at] if other == name else data)


def _state_files(studio: Studio) -> dict[str, bytes]:
    found = studio.disk.cache.glob("state.sqlite3*")
    return {file.name: file.read_bytes() for file in found if not file.name.endswith("-shm")}


def test_the_state_at_every_byte(studio: Studio, thorough: bool) -> None:
    kept, bill = _state_files(studio), len(studio.shop.bill())
    size_bytes = len(kept["state.sqlite3"])
    assert size_bytes > 50_000
    places = _places(size_bytes, 1 if thorough else 997)
    for at in places:
        _cut_state(studio, "state.sqlite3", kept, at)
        try:
            _is_right(studio, bill)
        except StateError as error:
            # Found while it was in use: it was moved aside, and the next build begins anew.
            assert "moved to" in error.message and error.hint
            _is_right(studio, bill)
    assert damaged_files(studio.disk) == []
    print(f"the state: {len(places)} cuts of {size_bytes} bytes")


def test_the_log_of_the_state_at_every_byte(folder: Path, thorough: bool) -> None:
    """A build is killed before its log went into the state: what was told to be made is there as
    far as the log goes, and nothing of it is bought again."""
    studio = Studio(folder / "film", Shop(folder / "shop"), "one")
    with studio.opened(DRAFT):
        pass  # the state is begun, and its log empty

    def build() -> None:
        with patch.object(State, "close", lambda _state: os._exit(KILLED)):
            studio.build(DRAFT)

    assert in_child(build) == KILLED
    kept, bill = _state_files(studio), len(studio.shop.bill())
    size_bytes = len(kept["state.sqlite3-wal"])
    assert size_bytes > 50_000 and bill == 3
    places = _places(size_bytes, 1 if thorough else 4001)
    for at in places:
        _cut_state(studio, "state.sqlite3-wal", kept, at)
        studio.build(DRAFT)
        assert studio.disk.texts() == oracle(DRAFT.film, {})
        assert len(studio.shop.bill()) == bill, f"bought again, cut at {at}"
    print(f"the state's log: {len(places)} cuts of {size_bytes} bytes")


STAGES = ("intended", "sent", "submitted", "received")


@contextlib.contextmanager
def _stopped_at(stage: str) -> Iterator[None]:
    """Within: the process dies once a purchase is at a stage."""
    begin, change, order = Ledger.begin, Ledger.change, Shop.order

    def beginning(*words: object, **more: object) -> object:
        found = begin(*words, **more)  # type: ignore[arg-type]
        if stage == "intended":
            os._exit(KILLED)
        return found

    def ordering(*words: object, **more: object) -> object:
        found = order(*words, **more)  # type: ignore[arg-type]
        if stage == "sent":
            os._exit(KILLED)
        return found

    def changing(ledger: Ledger, entry: object, to: Stage, **more: object) -> object:
        found = change(ledger, entry, to, **more)  # type: ignore[arg-type]
        if to.value == stage:
            os._exit(KILLED)
        return found

    with (
        patch.object(Ledger, "begin", beginning),
        patch.object(Ledger, "change", changing),
        patch.object(Shop, "order", ordering),
    ):
        yield


def _stopped_purchase(folder: Path, stage: str) -> tuple[Path, Path]:
    """A film whose build died once its purchase was at a stage: the record in it, and the film."""
    prepared = folder / "prepared" / "film"
    prepared.mkdir(parents=True)

    def build() -> None:
        with _stopped_at(stage):
            Buy("job").act(prepared, lambda _digest: None)

    assert in_child(build) == KILLED
    (record,) = (prepared / "cache" / "purchases").glob("*/purchase.json")
    return record.relative_to(prepared), prepared


@pytest.mark.parametrize("stage", STAGES)
def test_the_record_of_an_open_purchase_at_every_byte(
    folder: Path, stage: str, thorough: bool
) -> None:
    record, prepared = _stopped_purchase(folder, stage)
    whole = (prepared / record).read_bytes()
    places = _places(len(whole), 1 if thorough else 97)
    for at in places:
        film = copy_of(prepared, folder / "film")
        (film / record).write_bytes(whole[:at])
        Buy("job").judge(film, [], power=False)
        shutil.rmtree(film.parent)
    print(f"a purchase that is {stage}: {len(places)} cuts of {len(whole)} bytes")


@pytest.mark.parametrize("stage", STAGES)
def test_a_record_that_is_cut_while_the_state_is_lost_stops_the_film(
    folder: Path, stage: str, thorough: bool
) -> None:
    """Nothing says what was bought: nothing is bought until a person has looked."""
    record, prepared = _stopped_purchase(folder, stage)
    whole = (prepared / record).read_bytes()
    for at in _places(len(whole), 1 if thorough else 197):
        film = copy_of(prepared, folder / "film")
        (film / record).write_bytes(whole[:at])
        for found in (film / "cache").glob("state.sqlite3*"):
            found.unlink()
        town = Buy("job").town(film)
        bill = len(town.buyers[0].shop.bill())
        for command in (town.build, town.plan, town.build):
            with pytest.raises(UnresolvedError) as caught:
                command()
            assert caught.value.place == str(film / record) and caught.value.hint
        assert len(town.buyers[0].shop.bill()) == bill
        shutil.rmtree((film / record).parent)
        town.build()
        assert town.disk.texts()["a"].startswith("veo made")
        shutil.rmtree(film.parent)


def test_the_list_of_closed_purchases_at_every_byte(studio: Studio, thorough: bool) -> None:
    """With the state lost as well, lock and store say what was made; nothing is bought again."""
    path, bill = studio.disk.cache / "purchases" / "closed.jsonl", len(studio.shop.bill())
    whole = path.read_bytes()
    places = _places(len(whole), 1 if thorough else 197)
    for at in places:
        for found in studio.disk.cache.glob("state.sqlite3*"):
            found.unlink()
        path.write_bytes(whole[:at])
        _is_right(studio, bill)
    print(f"closed purchases: {len(places)} cuts of {len(whole)} bytes")
