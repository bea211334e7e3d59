"""A wrong setting of a target is told at its place in the film, with its line and the next step."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from fvbuild.cli.main import entry
from fvbuild.errors import ManifestError
from fvbuild.project import Project

CASES = [
    # what is written; what of it is pointed at; what is said; what to do
    ("{provider: runway, model: gen5}", "gen5", "runway has no model 'gen5'", "'gen4.5'"),
    ("{provider: runway}", "", "which model of runway?", "gen4.5"),
    ("{provider: runway, model: x, like: gen5}", "gen5", "`like` names a model", "'gen4.5'"),
    ("{provider: runway, model: gen4.5, seed: 3}", "seed", "no setting 'seed'", "its settings:"),
    ("{provider: runway, model: gen4.5, sizze: x}", "sizze", "no setting 'sizze'", "'size'"),
    ("{provider: runway, model: gen4.5, size: 9x9}", "9x9", "no size '9x9'", "'960x960'"),
    ("{provider: runway, model: gen4.5, size: 9}", "9}", "`size` is text", ""),
    ("{provider: runway, model: gen4.5, price: dear}", "dear", "is no price", "0.04 USD"),
    ("{provider: runwai, model: gen4.5}", "runwai", "unknown provider 'runwai'", "'runway'"),
    ("{provider: comfyui, workflow: ../w.json}", "..", "leads out of the film's folder", "copy"),
    ("{provider: comfyui, workflow: /w.json}", "/w", "leads out of the film's folder", "copy"),
    ("{provider: comfyui, workflow: w.json}", "w.json", "cannot be read", "relative to the film"),
    ("{provider: diffusers, model: a/b, steps: many}", "many", "steps is a whole number", ""),
    ("{provider: diffusers, model: a/b, stepz: 3}", "stepz", "no setting 'stepz'", "'steps'"),
    ("{provider: diffusers}", "", "names no model", "model: owner/name"),
    ("{provider: sketch, overlay: 3}", "3", "overlay is true or false", "overlay: false"),
]
WITH_MODELS = [
    ("{provider: diffusers, model: a/b, family: fluxx}", "fluxx", "no family 'fluxx'", "flux"),
    ("{provider: diffusers, model: a/b}", "a/b", "of no family", "family:"),
]
needs_models = pytest.mark.skipif(find_spec("diffusers") is None, reason="needs the extra gpu")


def film(folder: Path, written: str) -> None:
    (folder / "film.yaml").write_text(
        "film: {title: Wrong}\n"
        "targets:\n"
        f"  t: {written}\n"
        "use: {segment: t}\n"
        "shots: [{action: she waits, mode: direct}]\n"
    )


@pytest.mark.parametrize(
    ("written", "pointed_at", "said", "hint"),
    [*CASES, *(pytest.param(*case, marks=needs_models) for case in WITH_MODELS)],
)
def test_it_is_told_where_it_is_written(
    written: str, pointed_at: str, said: str, hint: str, tmp_path: Path
) -> None:
    film(tmp_path, written)
    with pytest.raises(ManifestError) as told:
        Project.open(tmp_path).plan()
    lines = str(told.value).splitlines()
    column = f"  t: {written}".index(pointed_at or "t:") + 1
    assert lines[0].startswith(f"film.yaml:3:{column}: error: "), lines
    assert said in lines[0]
    assert lines[1] == f"    t: {written}"
    assert lines[2] == " " * (column + 1) + "^"
    assert hint in "\n".join(lines[3:])


def test_every_command_tells_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    film(tmp_path, "{provider: runway, model: gen4.5, size: 9x9}")
    monkeypatch.chdir(tmp_path)
    for command in ("plan", "check", "build", "status"):
        assert entry([command]) == 2
        assert "film.yaml:3:46: error: target 't': it draws at no size '9x9'" in (
            capsys.readouterr().err
        )
    assert entry(["check", "--json"]) == 2
    (fault,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert (fault["file"], fault["line"], fault["column"]) == ("film.yaml", 3, 46)


def test_an_included_file_and_a_profile_have_places_of_their_own(tmp_path: Path) -> None:
    film(tmp_path, "{provider: runway, model: gen4.5}")
    text = (tmp_path / "film.yaml").read_text()
    later = (
        "profiles:\n  wide:\n    targets:\n      t: {provider: runway, model: gen4.5, size: 1}\n"
    )
    (tmp_path / "film.yaml").write_text(text + later)
    Project.open(tmp_path)
    with pytest.raises(ManifestError, match=r"film\.yaml:9:50: error: .* is text"):
        Project.open(tmp_path, "wide").plan()
    head, _, rest = text.partition("targets:")
    targets, _, rest = rest.partition("use:")
    (tmp_path / "film.yaml").write_text(f"{head}include: [cast.yaml]\nuse:{rest}")
    wrong = targets.replace("gen4.5", "gen5").lstrip("\n")
    (tmp_path / "cast.yaml").write_text(f"# makers\ntargets:\n{wrong}")
    with pytest.raises(ManifestError, match=r"^cast\.yaml:3:32: error: "):
        Project.open(tmp_path).plan()
    # Once more, from what was kept of the load.
    with pytest.raises(ManifestError, match=r"^cast\.yaml:3:32: error: "):
        Project.open(tmp_path).plan()


@pytest.mark.parametrize(
    ("kind", "asked", "proposed", "never"),
    [
        ("segment", "gpt_image_3", "gen4.5", "gpt_image_2"),
        ("anchor", "gen4_imag", "gen4_image", "gen4_turbo"),
        ("segment", "gen4_imag", "gen4", "gen4_image"),
        ("speech", "gen4", "eleven", "gen4_turbo"),
    ],
)
def test_only_models_of_the_kind_are_proposed(
    kind: str, asked: str, proposed: str, never: str, tmp_path: Path
) -> None:
    film(tmp_path, f"{{provider: runway, model: {asked}}}")
    path = tmp_path / "film.yaml"
    text = path.read_text().replace("use: {segment: t}", f"use: {{{kind}: t}}")
    dialogue = "mode: direct}" if kind == "segment" else "dialogue: [{speaker: a, line: Oh.}]}"
    path.write_text(text.replace("mode: direct}", dialogue) + "characters: {a: {look: a man}}\n")
    with pytest.raises(ManifestError) as told:
        Project.open(tmp_path).plan()
    hint = str(told.value).partition("hint: ")[2]
    assert proposed in hint
    assert never not in hint.replace(asked, "")
