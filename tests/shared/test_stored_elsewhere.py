"""Takes whose makers put them into the shared store themselves, as machines of a cluster do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from machines import Machine, Studio, film, made

from fvbuild.engine.action import Action, Made, Outcome, Stored
from fvbuild.engine.digest import content
from fvbuild.engine.executor import Here, Maker
from fvbuild.engine.shared import Shared, blob_name
from fvbuild.engine.shared_work import SharedWork
from fvbuild.errors import RemoteError
from fvbuild.project import building


class ByStore(Here):
    """Makes takes as another machine would: what is no text never comes to the build, as long as
    the store takes it, and nothing was lost there."""

    def __init__(self, shared: Shared, sharing: SharedWork) -> None:
        self._shared = shared
        self._sharing = sharing

    def make(self, maker: Maker, action: Action) -> Outcome:
        outcome = maker.make(action)
        return replace(outcome, outputs=tuple(map(self._stored, outcome.outputs)))

    def _stored(self, one: Made) -> Made:
        is_text = one.media_type.startswith("text/") or one.same_as is not None
        if is_text or not self._sharing.is_sound:
            return one
        data = one.path.read_bytes() if one.path is not None else one.data
        assert data
        digest = content(data)
        try:
            self._shared.write(blob_name(digest), data)
        except RemoteError:
            return one
        return replace(one, path=None, data=None, stored=Stored(digest, len(data)))


@pytest.fixture
def cluster(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """A studio all of whose makers are elsewhere."""
    monkeypatch.setattr(
        building, "executor_of", lambda _film, sharing, *_: ByStore(studio.shared, sharing)
    )
    return studio


def _away(studio: Studio) -> set[str]:
    """What is in the store and not on the first machine."""
    there = {name[4:] for name in studio.shared.objects if name.startswith("cas/")}
    return there - studio.first.artifacts()


def _decided(machine: Machine) -> str:
    return machine.lock()


def test_it_is_the_same_film(cluster: Studio, tmp_path: Path) -> None:
    made(cluster.first.build())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "executor_of", lambda *_: Here())
        alone = Machine(tmp_path / "alone", film(), {})
        (alone.folder / "fvbuild.yaml").unlink()
        made(alone.build())
    assert cluster.first.shown()["toy.mp4"] == alone.shown()["toy.mp4"]
    assert _decided(cluster.first) == _decided(alone)


def test_only_what_is_needed_or_seen_comes(cluster: Studio) -> None:
    anchors = made(cluster.first.build("kind:anchor", materialize="none"))
    assert len(anchors) == 4
    assert len(_away(cluster)) == 4
    assert cluster.first.shown() == {}
    made(cluster.first.build("kind:segment", materialize="none"))
    segments = {name for name, data in cluster.shared.objects.items() if b"ftyp" in data[:12]}
    assert {blob_name(digest) for digest in _away(cluster)} >= segments
    # What was brought to make something from it is shown, like all that is here.
    assert cluster.first.shown().keys() == {f"pier/a{n}/anchor.png" for n in range(4)}
    cluster.first.build(materialize="all")
    assert _away(cluster) == set()


def test_it_is_known_to_be_there_from_then_on(cluster: Studio) -> None:
    """Also when the build ends before anything is sent that names it."""

    def refuse(verb: str, name: str) -> None:
        if name.startswith("ac/") and verb != "read":
            raise RemoteError("it may not be written")

    cluster.shared.before = refuse
    first = cluster.first.build("kind:segment", materialize="none")
    assert made(first) and len(first.notes) == 1
    assert not [name for name in cluster.shared.objects if name.startswith("ac/")]
    cluster.shared.before = lambda _verb, _name: None
    asked = len(cluster.shared.asked)
    assert made(cluster.first.build("kind:segment", materialize="none")) == set()
    sent = [name for verb, name in cluster.shared.asked[asked:] if verb == "write"]
    assert not [name for name in sent if name.startswith("cas/")], "nothing is sent twice"
    clone = cluster.first.clone("clone")
    assert made(clone.build("kind:segment")) == set()
    assert clone.shown().keys() == {f"pier/a{n}/segment.mp4" for n in range(4)}


def test_what_the_store_loses_is_made_again(cluster: Studio) -> None:
    made(cluster.first.build("kind:segment", materialize="none"))
    lost = sorted(_away(cluster))[0]
    cluster.shared.lose(blob_name(lost))
    report = cluster.first.build()
    assert "cut" in made(report)
    assert any("has lost" in note for note in report.notes)
    assert blob_name(lost) in cluster.shared.objects
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "executor_of", lambda *_: Here())
        assert made(cluster.first.clone("clone").build()) == set()


@pytest.mark.parametrize("goals", [(), ("kind:segment",)])
def test_a_store_that_goes_away_fails_no_build(cluster: Studio, goals: tuple[str, ...]) -> None:
    """What it alone had is made again, which is free; and nothing more is put there."""
    puts: list[str] = []

    def go_away(verb: str, name: str) -> None:
        puts.extend([name] if verb == "write" and name.startswith("cas/") else [])
        if len(puts) > 3:
            raise RemoteError("the shared store s3://films cannot be reached")

    cluster.shared.before = go_away
    report = cluster.first.build(*goals)
    assert made(report) >= {f"pier/a{n}/segment" for n in range(4)}
    assert any("has lost, or does not give out" in note for note in report.notes)
    assert {f"pier/a{n}/segment.mp4" for n in range(4)} <= cluster.first.shown().keys()
    cluster.shared.before = lambda _verb, _name: None
    assert made(cluster.first.build(*goals)) == set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "executor_of", lambda *_: Here())
        assert made(cluster.first.clone("clone").build(*goals)) == set()
