"""A real film, built by the project itself: its calls to the disk meet their faults.

Beside store, state and lock these are the records that answer "nothing changed" without a look at
the film, and what is kept of the graph: damaged, they cost a look, never a wrong answer.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from boundaries import KILLED, Fault
from films import film
from runs import TOLD, recorded, run
from scenarios import Tell, copy_of, telling
from test_every_boundary import cases

from fvbuild.cli.main import entry
from fvbuild.engine.events import Did
from fvbuild.project import BuildOptions, Project, building

assert building, "imported once, before anything is forked"
_STEP = 8
_KILLS = (Fault.BEFORE, Fault.AFTER, Fault.TORN, Fault.POWER)


def _write(folder: Path, action: str) -> None:
    data = film(2, 1)
    data["scenes"][0]["shots"][0]["action"] = action
    (folder / "film.yaml").write_text(json.dumps(data, indent=1))


def _build(folder: Path) -> None:
    project = Project.open(folder)
    try:
        report = project.build((), BuildOptions(jobs=1))
        assert not [r for r in report.results if r.action in (Did.FAILED, Did.SKIPPED)]
    finally:
        project.state.close()


def _shown(folder: Path) -> dict[str, bytes]:
    out = folder / "out"
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.*")}


class Edited:
    """A film with an approved anchor, of which a shot was edited."""

    def prepare(self, folder: Path) -> None:
        _write(folder, "somebody waits")
        _build(folder)
        project = Project.open(folder)
        project.approve(["s0/a1/anchor"])
        project.state.close()
        _build(folder)
        _write(folder, "somebody runs")

    def act(self, folder: Path, tell: Tell) -> None:
        project = Project.open(folder)
        try:
            project.build((), BuildOptions(jobs=1), telling(tell))
        finally:
            project.state.close()

    def judge(self, folder: Path, told: list[str], *, power: bool) -> None:
        # By the quick answer if there is one: what it says must be true.
        assert entry(["build", "-q", "-f", str(folder)]) == 0
        project = Project.open(folder)
        try:
            takes = {
                take.outputs[0].digest for _, take in project.state.all_takes() if take.outputs
            }
            assert power or set(filter(None, told)) <= takes
            line = project.lock.get("s0/a1/anchor")
            assert line is not None and line.status == "approved"
            assert project.verify().problems == ()
        finally:
            project.state.close()


def test_calls_of_a_build_of_a_film_meet_their_faults(folder: Path, thorough: bool) -> None:
    scenario = Edited()
    prepared = folder / "prepared" / "film"
    prepared.mkdir(parents=True)
    scenario.prepare(prepared)
    here = copy_of(prepared, folder / "here")
    calls = recorded(scenario, here)
    assert len(calls) > 100, len(calls)
    clean, lock = _shown(here), (here / "film.lock").read_bytes()
    shutil.rmtree(here.parent)
    tried = cases(calls, every=True) if thorough else cases(calls, every=False)[::_STEP]
    hits = 0
    for point, fault in tried:
        here = copy_of(prepared, folder / "here")
        found = run(scenario, here, point, fault)
        told = f"{fault.value} at {point}: {found}"
        if found.hit:
            assert found.status == KILLED if fault in _KILLS else found.status in (0, TOLD), told
        hits += found.hit
        try:
            scenario.judge(here, found.told, power=fault is Fault.POWER)
            shown = _shown(here)
            if fault is Fault.POWER:  # what was torn under out/ might be somebody's own
                shown = {name: data for name, data in shown.items() if ".kept" not in name}
            assert shown == clean and (here / "film.lock").read_bytes() == lock
        except Exception as error:
            raise AssertionError(f"after {told}") from error
        shutil.rmtree(here.parent)
    # What two threads do at once comes in another order now and then.
    assert hits > len(tried) * 0.9
    print(f"a film: {len(calls)} calls, {len(tried)} runs, {hits} reached")
