"""What every executor owes a build: the local one and Ray, with shared folders and without."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import makers
import pytest
from studios import Studio

from fvbuild.engine.action import Outcome
from fvbuild.engine.executor import HERE, Maker, target_maker
from fvbuild.engine.failures import as_film_error
from fvbuild.engine.target import Price
from fvbuild.errors import FilmBuildError, Interrupted, RefusedError, StoreError, TargetError


def _contents(outcome: Outcome) -> list[Any]:
    return [
        (
            made.media_type, made.name, dict(made.facts), made.text, made.data, made.same_as,
            made.path.read_bytes() if made.path is not None else None,
        )
        for made in outcome.outputs
    ]  # fmt: skip


def test_a_maker_is_given_all_of_its_action(studio: Studio) -> None:
    made = studio.executor.make(Maker(makers.describe), studio.action(text="a source", steps=3))
    alone = makers.describe(studio.action(text="a source", steps=3))
    assert made.outputs[0].text == alone.outputs[0].text


def test_every_form_of_output_arrives(studio: Studio) -> None:
    made = studio.executor.make(Maker(makers.every_form), studio.action(text="a source"))
    alone = makers.every_form(studio.action(text="a source"))
    assert _contents(made) == _contents(alone)
    assert (made.cost, made.provenance) == (alone.cost, alone.provenance)


def test_files_lie_in_the_folder_of_the_action(studio: Studio) -> None:
    action = studio.action(text="a source")
    made = studio.executor.make(Maker(makers.every_form), action)
    paths = [one.path for one in made.outputs if one.path is not None]
    assert len(paths) == 2
    assert all(path.is_relative_to(action.folder) for path in paths)


def test_large_files_go_both_ways(studio: Studio) -> None:
    size = 20_000_001
    action = studio.action(size_bytes=size, text="x" * size)
    made = studio.executor.make(Maker(makers.large), action)
    alone = makers.large(studio.action(size_bytes=size, text="x" * size))
    assert _contents(made) == _contents(alone)
    assert made.outputs[0].facts == {"read": [size]}


def test_one_input_serves_many(studio: Studio) -> None:
    """What was sent once is there for the next take, and inputs may repeat."""
    texts = [
        studio.executor.make(Maker(makers.describe), studio.action(f"s/{n}/anchor", "same"))
        for n in range(4)
    ]
    assert len({made.outputs[0].text for made in texts}) == 4


@pytest.mark.parametrize("how", makers.FAILURES)
def test_errors_arrive_as_they_were(studio: Studio, how: str) -> None:
    expected = makers.FAILURES[how]()
    assert isinstance(expected, Exception)
    told = as_film_error(expected)
    with pytest.raises(Exception) as caught:
        studio.executor.make(Maker(makers.fail), studio.action(how=how))
    found = as_film_error(caught.value)
    assert (found.message, found.place, found.hint) == (told.message, told.place, told.hint)
    if how == "odd" and studio.executor is not HERE:
        assert type(found) is TargetError  # what cannot be sent whole is sent in words
    else:
        assert type(found) is type(told)


def test_what_an_error_carries_comes_along(studio: Studio) -> None:
    with pytest.raises(RefusedError) as caught:
        studio.executor.make(Maker(makers.fail), studio.action(how="refused"))
    assert caught.value.flagged_input


def test_a_full_disk_is_no_fault_of_the_maker(studio: Studio) -> None:
    with pytest.raises((StoreError, OSError)):
        studio.executor.make(Maker(makers.fail), studio.action(how="full"))


def test_after_a_failure_the_next_take_is_made(studio: Studio) -> None:
    with pytest.raises(FilmBuildError):
        studio.executor.make(Maker(makers.fail), studio.action(how="target"))
    made = studio.executor.make(Maker(makers.describe), studio.action())
    assert made.outputs[0].text


def test_progress_is_told_in_order(studio: Studio) -> None:
    studio.executor.make(Maker(makers.steps), studio.action(steps=12))
    told = [words for _, words in studio.told if words.startswith("step")]
    assert told == [f"step {n}" for n in range(12)]


def test_progress_is_told_while_it_is_made(studio: Studio) -> None:
    with ThreadPoolExecutor(1) as threads:
        making = threads.submit(studio.executor.make, Maker(makers.steps), studio.action(steps=40))
        while not any(words.startswith("step") for _, words in studio.told):
            assert not making.done()
            time.sleep(0.01)
        assert not making.done()
        making.result()


def test_it_stops_when_it_is_told_to(studio: Studio) -> None:
    threading.Timer(0.3, studio.stop.set).start()
    began_s = time.monotonic()
    with pytest.raises(Interrupted):
        studio.executor.make(Maker(makers.steps), studio.action(steps=400))
    assert time.monotonic() - began_s < 10
    studio.stop.clear()
    assert studio.executor.make(Maker(makers.describe), studio.action()).outputs


def test_several_are_made_at_once(studio: Studio) -> None:
    with ThreadPoolExecutor(2) as threads:
        actions = [studio.action(f"s/{n}/anchor", count=2) for n in range(2)]
        list(threads.map(studio.executor.make, [Maker(makers.meet)] * 2, actions))
    assert [word for _, word, _ in studio.ran()] == ["began", "began", "made", "made"]


def test_what_spends_is_made_in_this_process(studio: Studio) -> None:
    """Its purchases are written down where the ledger is."""
    for pool in ("runway", "cpu", "gpu"):
        target = makers.Buyer("veo", pool, Price(1.0, 1.0, 1.0))
        action = studio.action()
        made = studio.executor.make(target_maker("veo", target, action), action)
        assert made.outputs[0].facts == {"process": os.getpid()}


def test_providers_stay_in_this_process(studio: Studio) -> None:
    made = studio.executor.make(Maker(makers.describe, "runway", "veo"), studio.action())
    assert made.outputs[0].facts == {"process": os.getpid()}
    assert studio.executor.slots("runway") is None


def test_a_function_without_a_name_is_called_here(studio: Studio) -> None:
    made = studio.executor.make(Maker(lambda action: makers.describe(action)), studio.action())
    assert made.outputs[0].facts == {"process": os.getpid()}


def test_a_target_is_loaded_once_where_it_is_used(studio: Studio) -> None:
    target = makers.ToyTarget("flux", "cpu")
    for n in range(5):
        studio.executor.make(Maker(target.make, "cpu", "flux"), studio.action(f"s/{n}/anchor"))
    loads = [process for _, word, process in studio.ran() if word == "loads-flux"]
    assert len(loads) == len(set(loads)) <= 2  # once a process, and there are two
