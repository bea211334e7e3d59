"""Every call to the disk meets every fault that it can meet; then a normal build.

Which calls there are is recorded from a run that nothing disturbs. Each of them then meets each
fault of its kind in a run of its own, in a process of its own. By default all of one scenario, and
of the others every point with one of its faults; ``--torture 1`` for all of all.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from boundaries import FAULTS, KILLED, Fault, Point, Watch, unseen
from faults import in_child
from runs import TOLD, recorded, run
from scenarios import Buy, Collect, Make, Scenario, as_if_new, copy_of

SCENARIOS: dict[str, Scenario] = {
    "make": Make(),
    "collect": Collect(),
    "buy a job": Buy("job"),
    "buy at once": Buy("sync"),
    "buy by an id that buys once": Buy("safe"),
}
_KILLS = frozenset({Fault.BEFORE, Fault.AFTER, Fault.TORN, Fault.POWER})


def _prepared(scenario: Scenario, folder: Path) -> Path:
    film = folder / "prepared" / "film"
    film.mkdir(parents=True)
    scenario.prepare(film)
    return film


def cases(calls: list[Point], *, every: bool) -> list[tuple[Point, Fault]]:
    """Every point with each of its faults; or with one of them, in turn."""
    if every:
        return [(point, fault) for point in calls for fault in FAULTS[point.kind]]
    turns: Counter[str] = Counter()
    found = []
    for point in calls:
        faults = FAULTS[point.kind]
        found.append((point, faults[turns[point.kind] % len(faults)]))
        turns[point.kind] += 1
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_call_meets_its_faults(name: str, folder: Path, thorough: bool) -> None:
    scenario = SCENARIOS[name]
    prepared = _prepared(scenario, folder)
    calls = recorded(scenario, copy_of(prepared, folder / "reference"))
    assert set(calls) == set(recorded(scenario, copy_of(prepared, folder / "again")))
    tried = cases(calls, every=thorough)
    met: Counter[str] = Counter()
    for point, fault in tried:
        film = copy_of(prepared, folder / "film")
        found = run(scenario, film, point, fault)
        here = f"{fault.value} at {point}: {found}"
        assert found.hit, f"it was never reached: {here}"
        assert found.status == KILLED if fault in _KILLS else found.status in (0, TOLD), here
        try:
            scenario.judge(film, found.told, power=fault is Fault.POWER)
        except Exception as error:
            raise AssertionError(f"after {here}") from error
        met[point.kind] += 1
        shutil.rmtree(film.parent)
    assert set(met) == {point.kind for point in calls}, "of every kind of call"
    print(f"{name}: {len(calls)} calls, {sum(met.values())} runs: {dict(met)}")


def test_there_are_calls_of_every_kind(folder: Path) -> None:
    kinds: Counter[str] = Counter()
    for name, scenario in SCENARIOS.items():
        prepared = _prepared(scenario, folder / name)
        calls = recorded(scenario, copy_of(prepared, folder / name / "reference"))
        assert len(calls) > 25
        kinds.update(point.kind for point in calls)
    assert set(kinds) == set(FAULTS), "what is listed is what is met"


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_call_that_changes_a_file_is_missed(name: str, folder: Path) -> None:
    """Python tells of every change before it is made; each lies within a recorded call."""
    scenario = SCENARIOS[name]
    film = copy_of(_prepared(scenario, folder), folder / "film")
    told = folder / "unseen.json"

    def work() -> None:
        with as_if_new():
            missed = unseen(Watch(film), lambda: scenario.act(film, lambda _digest: None))
        told.write_text(json.dumps(missed))

    assert in_child(work) == 0
    assert json.loads(told.read_text()) == []
