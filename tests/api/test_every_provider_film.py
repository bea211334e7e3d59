"""A film of what each shipped provider makes, built at its fake: to an MP4 with its takes in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from every_call import SERVED_BY, Case, all_cases, description, workflow
from fake import FakeProviders

from fvbuild.engine.events import Did
from fvbuild.project import BuildOptions, Project
from fvbuild.targets.api.load import shipped

_MODES = {("start", "end"): "keyframe", ("start",): "anchor"}
_NODES = {"anchor": ("anchor", "boundary", "reference")}


def _chosen(provider: str) -> dict[str, Case]:
    """For each kind that it makes, the first way; of clips one with a first frame, if there is.
    No picture is changed in this film: tests/project/test_edited_film.py does that."""
    found: dict[str, Case] = {}
    for case in sorted(
        (each for each in all_cases() if each.provider == provider and "edit" not in each.roles),
        key=lambda each: provider == "comfyui" and each.roles != ("start",),
    ):
        found.setdefault(case.kind, case)
    return found


def _target(folder: Path, case: Case) -> dict[str, Any]:
    target: dict[str, Any] = {"provider": case.provider, "model": case.model, **case.settings}
    if "workflow" in target:
        graph, target["inputs"] = workflow(case.kind, case.roles)
        (folder / f"{case.kind}.json").write_text(json.dumps(graph))
        target["workflow"] = f"{case.kind}.json"
    if case.model not in description(case.provider).models:
        target["like"] = "*"
    return target


def _film(folder: Path, chosen: dict[str, Case]) -> dict[str, Any]:
    kinds = ("anchor", "boundary", "reference", "segment", "speech", "effect", "music")
    use = dict.fromkeys(kinds, "placeholder")
    for kind in chosen:
        use |= dict.fromkeys(_NODES.get(kind, (kind,)), f"hosted-{kind}")
    shot: dict[str, Any] = {"id": "one", "duration": "2s", "action": "she waits"}
    shot |= {"characters": ["ann"], "last_frame": "she is gone"}
    clip = chosen.get("segment")
    shot["mode"] = _MODES.get(clip.roles, "direct") if clip is not None else "keyframe"
    if shot["mode"] != "keyframe":
        del shot["last_frame"]
    if "speech" in chosen:
        shot["dialogue"] = [{"speaker": "ann", "line": "You came back."}]
    sound: dict[str, Any] = {}
    if "effect" in chosen:
        sound["effects"] = [{"at": "one+0.2s", "make": "a ferry horn"}]
    if "music" in chosen:
        sound["music"] = {"make": "slow solo cello", "over": "main/one..main/one"}
    return {
        "film": {"title": "Hosted", "size": "64x36", "style": {"avoid": "text, logos"}},
        "targets": {f"hosted-{kind}": _target(folder, case) for kind, case in chosen.items()},
        "use": use,
        "characters": {"ann": {"look": "woman of 30", "voice": {"id": "Kore"}}},
        "shots": [shot],
        **({"sound": sound} if sound else {}),
    }


@pytest.mark.parametrize("provider", sorted(shipped()))
def test_a_film_is_built(
    fake: FakeProviders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    served_by = SERVED_BY.get(provider, provider)
    if served_by != provider:
        monkeypatch.setenv("OPENAI_COMPATIBLE_API_KEY", fake.environment()["OPENAI_API_KEY"])
    folder = tmp_path / "film"
    folder.mkdir()
    place: dict[str, Any] = {**fake.base_urls()[served_by], "poll_every_s": 0.01}
    place["publish"] = {"folder": str(tmp_path), "url": "https://films.example.org"}
    chosen = _chosen(provider)
    (folder / "fvbuild.yaml").write_text(json.dumps({"providers": {provider: place}}))
    (folder / "film.yaml").write_text(json.dumps(_film(folder, chosen)))

    project = Project.open(folder)
    report = project.build((), BuildOptions(jobs=2))
    failed = [(r.node, r.message) for r in report.results if r.action is Did.FAILED]
    assert not failed, failed
    made = {
        node.kind
        for node in project.graph
        if (key := project.state.last_key(project.name, node.id)) is not None
        for take in project.state.takes(key).values()
        if take.origin.startswith("hosted-")
    }
    project.state.close()
    assert made >= set(chosen)
    assert len({line["job"] for line in fake.bill(served_by)}) >= len(chosen)
    assert (folder / "out/hosted.mp4").stat().st_size > 1000
