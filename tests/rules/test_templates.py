"""The text of captions and motions: what it says, and that its fast form equals its template."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.errors import TargetError, UsageError
from fvbuild.targets import template
from fvbuild.targets.template import create
from fvbuild.targets.templates import Templates

_WORDS = st.text(st.characters(categories=["L", "N", "Z", "P", "S"]), max_size=12)
_STYLE = st.fixed_dictionaries(
    {}, optional={"preset": st.sampled_from(["noir", "", "mine"]), "phrase": _WORDS, "look": _WORDS}
)
_WHO = st.fixed_dictionaries({"look": _WORDS, "outfit": _WORDS})
_CAPTION = st.fixed_dictionaries(
    {"style": _STYLE},
    optional={
        **dict.fromkeys(
            [
                "action",
                "first_frame",
                "last_frame",
                "size",
                "angle",
                "lens",
                "location",
                "time",
                "lighting",
            ],
            _WORDS,
        ),
        "characters": st.lists(_WHO, max_size=2),
        "props": st.lists(_WORDS, max_size=2),
        "enhance": st.just(True),
    },
)
_MOTION = st.fixed_dictionaries(
    {},
    optional={
        "action": _WORDS,
        "camera": _WORDS,
        "delivery": st.lists(_WORDS, max_size=2),
        "style": _STYLE,
        "enhance": st.just(True),
    },
)


@given(
    kind_and_params=st.tuples(st.just("caption"), _CAPTION) | st.tuples(st.just("motion"), _MOTION)
)
def test_the_written_form_says_what_the_template_says(
    kind_and_params: tuple[str, dict[str, Any]],
) -> None:
    kind, params = kind_and_params
    target = create("template", {})
    filled = target.templates.line(f"prompts/{kind}.j2", target.fields(kind, params))
    assert target.text(kind, params) == filled


@pytest.mark.parametrize("kind", ["caption", "motion"])
def test_the_written_form_is_of_the_template_that_ships(kind: str) -> None:
    """A template that was edited is filled by Jinja until its written form follows."""
    name = f"prompts/{kind}.j2"
    assert Templates().digest(name) == template._WRITTEN[name][0]


def test_a_caption_says_what_the_frame_shows() -> None:
    params: dict[str, Any] = {
        "first_frame": "empty pier, a tiny figure",
        "action": "the figure walks",
        "size": "wide shot",
        "lens": "24mm",
        "location": "rotting pier",
        "time": "dusk",
        "characters": [{"look": "boy of 9", "outfit": "red parka"}],
        "props": ["torn ticket"],
        "style": {"preset": "cinematic", "look": "teal"},
    }
    assert create("template", {}).text("caption", params) == (
        "Wide shot, 24mm lens. Empty pier, a tiny figure. Rotting pier, dusk. "
        "Boy of 9, wearing red parka. Torn ticket. Cinematic, teal."
    )


def test_a_motion_says_what_moves() -> None:
    params: dict[str, Any] = {"action": "she turns.", "camera": "dolly in", "delivery": ["dry"]}
    assert create("template", {}).text("motion", params) == "She turns. Dolly in. Spoken dry."


def test_enhance_adds_the_terms_of_the_style() -> None:
    target = create("template", {})
    params: dict[str, Any] = {"action": "rain", "style": {"preset": "noir"}}
    plain = target.text("caption", params)
    assert target.text("caption", {**params, "enhance": True}) == (
        f"{plain} Hard key light, deep shadow, high contrast, black and white."
    )


def test_a_film_brings_its_own_templates(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/motion.j2").write_text("{{ action }} ({{ camera }})\n", encoding="utf-8")
    (tmp_path / "prompts/motion.veo.j2").write_text("VEO {{ action }}", encoding="utf-8")
    own, shipped = create("template", {"templates": str(tmp_path)}), create("template", {})
    params: dict[str, Any] = {"action": "she turns", "camera": "dolly in"}
    assert own.text("motion", params) == "she turns (dolly in)"
    assert own.text("motion", {**params, "dialect": "veo"}) == "VEO she turns"
    assert own.text("caption", {"action": "rain"}) == shipped.text("caption", {"action": "rain"})
    assert own.identity != shipped.identity


def test_the_folder_of_templates_is_no_part_of_the_identity(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "prompts").mkdir(parents=True)
        (tmp_path / name / "prompts/motion.j2").write_text("{{ action }}", encoding="utf-8")
    one, other = (create("template", {"templates": str(tmp_path / name)}) for name in ("a", "b"))
    assert one.identity == other.identity


@pytest.mark.parametrize(
    "source",
    [
        "{{ nothing_of_this_name }}",
        "{% if %}",
        "{{ 1 // 0 }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ action.missing() }}",
    ],
)
def test_a_template_that_cannot_be_filled_is_named(source: str, tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/motion.j2").write_text(source, encoding="utf-8")
    target = create("template", {"templates": str(tmp_path)})
    with pytest.raises(TargetError, match=r"prompts/motion\.j2"):
        target.text("motion", {"action": "she turns"})


def test_a_style_that_is_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "styles").mkdir()
    (tmp_path / "styles/noir.json").write_text("{", encoding="utf-8")
    target = create("template", {"templates": str(tmp_path)})
    with pytest.raises(TargetError, match=r"styles/noir\.json"):
        target.text("caption", {"action": "x", "style": {"preset": "noir"}, "enhance": True})


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(UsageError, match="templtes"):
        create("template", {"templtes": "here"})


def test_expanding_imports_no_library_of_media_templates_or_models() -> None:
    """A plan pays for none of them: only making something does."""
    script = (
        "import sys; from pathlib import Path\n"
        "from fvbuild.film.resolved import Film, Scene, Shot, Words\n"
        "from fvbuild.rules import expand; from fvbuild.targets.template import create\n"
        "use = {kind: ('template',) for kind in ('caption', 'motion')}\n"
        "shot = Shot('a', 'main', action='rain', use=use, line=1)\n"
        "film = Film(Words('T'), (Scene('main', (shot,)),), use=use)\n"
        "graph = expand([film], {'template': create('template', {})}, folder=Path('.'))\n"
        "assert graph['main/a/caption'].text\n"
        "heavy = {'av', 'PIL', 'numpy', 'pydantic', 'jinja2', 'ruamel'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
