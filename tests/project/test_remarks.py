"""Prompts that are too long for their model, and pictures that find no room: told, never cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from films import Place, film

from fvbuild.cli.main import entry
from fvbuild.project import Project
from fvbuild.project.remarks import Remark, notes

PROVIDER = """
provider: small
title: Small
base_url: https://small.example
checked: 2026-11-20
auth: {secrets: {}, headers: {}}
calls:
  make:
    submit: {method: POST, path: /make, json: {prompt: "{{ prompt }}"}}
    result: {url: url}
models:
  clip:
    makes: {segment: make, still: make}
    capabilities: {first_frame: true, text_to_video: true, references: 1}
    seconds: {min: 1, max: 10}
    fps: 24
    sizes: ["16:9"]
    prompt: {%s}
"""


def place(tmp_path: Path, limit: str, use: dict[str, str]) -> Place:
    data: dict[str, Any] = film(shots=2, scenes=1)
    data["targets"] = {"small": {"provider": "./small.yaml", "model": "clip"}}
    data["use"] |= use
    data["scenes"][0]["shots"][0]["characters"] = ["ann", "ben"]
    (tmp_path / "film").mkdir()
    (tmp_path / "film/small.yaml").write_text(PROVIDER % limit, encoding="utf-8")
    return Place(tmp_path / "film", data)


def test_a_plan_tells_a_prompt_that_is_too_long_in_characters(tmp_path: Path) -> None:
    found = place(tmp_path, "max_chars: 20", {"segment": "small"}).project().plan().notes
    told = next(note for note in found if "characters" in note)
    assert "clip takes 20, and nothing is cut: the build will refuse" in told
    assert "s0/a0/segment: its prompt has 49 characters" in told


def test_a_plan_tells_a_prompt_that_is_too_long_in_tokens(tmp_path: Path) -> None:
    found = place(tmp_path, "max_tokens: 5", {"segment": "small"}).project().plan().notes
    told = next(note for note in found if "tokens" in note)
    assert "clip takes 5, and may not read the rest" in told and "about" in told


def test_what_fits_is_not_spoken_of(tmp_path: Path) -> None:
    found = place(tmp_path, "max_chars: 2000", {"segment": "small"}).project().plan().notes
    assert not [note for note in found if "prompt" in note]


def test_a_plan_tells_which_pictures_find_no_room(tmp_path: Path) -> None:
    found = place(tmp_path, "max_chars: 2000", {"anchor": "small"}).project().plan().notes
    told = next(note for note in found if "reference picture" in note)
    assert "'small' takes 1 reference picture" in told
    assert "s0/a0/anchor: leaves out characters/ben/default, locations/square" in told


def test_check_tells_the_same_at_the_shot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = place(tmp_path, "max_chars: 20", {"segment": "small", "anchor": "small"})
    assert entry(["-f", str(where.folder), "check", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["diagnostics"]
    prompts = [one for one in told if one["code"] == "prompt"]
    assert {one["severity"] for one in prompts} == {"warning"}
    assert any("s0/a0/segment: its prompt has 49 characters" in one["message"] for one in prompts)
    assert any("leaves out" in one["message"] for one in prompts)
    assert all(one["line"] > 1 for one in prompts if "/a0/" in one["message"])


def test_many_of_one_trouble_are_told_in_one_note() -> None:
    many = [Remark(f"s/{n}/anchor", "", "t", "t takes 1", f"leaves out {n}") for n in range(9)]
    (told,) = notes(many)
    assert told == (
        "t takes 1 (s/0/anchor: leaves out 0; s/1/anchor: leaves out 1; s/2/anchor: leaves out 2; "
        "and 6 more)"
    )


def test_what_brings_a_target_is_told_where_a_node_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name, _package=None: None)
    data: dict[str, Any] = film(shots=1, scenes=1)
    model = "Wan-AI/Wan2.2-TI2V-5B-Diffusers"
    data["targets"] = {"wan": {"provider": "diffusers", "model": model}}
    data["profiles"] = {"final": {"use": {"segment": "wan"}}}
    found = Place(tmp_path, data)
    assert found.project().plan().notes == []
    wanted = Project.open(tmp_path, "final").plan().notes
    assert wanted == ["target 'wan': pip install 'fvbuild[gpu]'"]


def test_checks_that_nothing_measures_yet_are_told(tmp_path: Path) -> None:
    film = tmp_path / "film.yaml"
    film.write_text("film: X\nchecks: {motion: 0.4, safety: block}\nshots: [a man walks]\n")
    project = Project.open(film)
    (note,) = project.plan().notes
    assert "`checks.motion` and `checks.safety`" in note and "is built without" in note
    film.write_text("film: X\nshots: [a man walks]\n")
    assert not Project.open(film).plan().notes
