"""What models are told: prompts from templates, questions for language models, their answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from fvbuild.engine.action import Action, InputFile
from fvbuild.engine.target import Capabilities
from fvbuild.errors import JobFailedError, RejectedInputError, TargetError
from fvbuild.project import Project
from fvbuild.targets.answer import faults, read_answer
from fvbuild.targets.prompts import Prompts, check_length, tokens_in

FILMS = Path(__file__).parents[2] / "projects"
CAPTION: dict[str, Any] = {
    "action": "she turns and smiles",
    "size": "close-up, the face fills the frame",
    "lens": "85mm",
    "location": "rotting pier",
    "lighting": "low sun",
    "characters": [
        {"look": "woman of 60", "outfit": "yellow oilskin"},
        {"look": "boy of 9", "outfit": ""},
    ],
    "props": ["torn pink ticket"],
    "style": {"preset": "cinematic", "look": "teal dusk"},
}
MOTION: dict[str, Any] = {
    "action": "she turns and smiles",
    "camera": "the camera moves slowly in",
    "move": "dolly in",
    "dialect": "hailuo",
    "delivery": ["dry"],
    "style": {"look": "teal dusk"},
}
TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
DRAFT: dict[str, Any] = {
    "story": "A keeper lights the lamp.",
    "draft": "",
    "faults": "",
    "shots": {"least": 3, "most": 9},
    "sizes": ["wide", "close-up"],
    "angles": ["eye"],
    "moves": ["static", "dolly in"],
    "styles": ["noir"],
}


def action(kind: str, params: dict[str, Any], **inputs: str | int) -> Action:
    """An action whose inputs are texts by role, or so many pictures of a role."""
    files = {
        role: (InputFile(role, role, None, "text/plain", given),)
        if isinstance(given, str)
        else tuple(InputFile(role, f"{role}{n}", None, "image/png") for n in range(given))
        for role, given in inputs.items()
    }
    return Action("s/a/x", kind, params, files, Path())


# --- snapshots ------------------------------------------------------------------------------------


@pytest.mark.parametrize("film", ["lighthouse", "last-ferry", "commercial"])
def test_the_prompts_of_the_example_films(film: str, snapshot: SnapshotAssertion) -> None:
    graph = Project.open(FILMS / film).graph
    prompts = Prompts(FILMS / film)
    told = {}
    for node in graph:
        if node.kind in ("anchor", "boundary", "segment", "reference", "plate", "prop"):
            texts = {
                edge.role: text
                for edge in node.inputs
                if (text := graph[edge.node].text) is not None
            }
            roles = [edge.role for edge in node.inputs]
            told[node.id] = prompts.prompt_of(node.kind, node.params, texts, roles)
    assert told == snapshot


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("caption", CAPTION),
        ("caption", {**CAPTION, "last_frame": "she holds the ticket up", "enhance": True}),
        ("motion", MOTION),
        ("reword", {"what": "a still picture", "why": "violence", "text": "a bloody fight"}),
        ("draft", DRAFT),
        ("draft", {**DRAFT, "draft": "{}", "faults": "film.yaml:1:1: error: no shots"}),
    ],
    ids=["caption", "boundary", "motion", "reword", "draft", "repair"],
)
def test_what_a_language_model_is_asked(
    kind: str, params: dict[str, Any], snapshot: SnapshotAssertion
) -> None:
    asked = Prompts().asked(kind, params)
    assert {"system": asked.system, "prompt": asked.prompt, "schema": asked.schema} == snapshot


# --- prompts ------------------------------------------------------------------------------------


def test_a_clip_from_words_alone_is_told_what_is_seen_and_what_moves() -> None:
    prompts = Prompts()
    bare = action("segment", {}, motion="She turns.", caption="A pier.")
    assert prompts.prompt(bare) == "A pier. She turns."


def test_a_clip_from_a_picture_is_told_what_moves() -> None:
    prompts = Prompts()
    started = action("segment", {}, motion="She turns.", caption="A pier.", start=1)
    assert prompts.prompt(started) == "She turns."


def test_a_model_that_hears_is_told_the_lines() -> None:
    line = {"line": "You came back.", "delivery": "dry", "speaker": "woman of 60"}
    told = Prompts().prompt(action("segment", {"dialogue": [line]}, motion="She turns.", start=1))
    assert told == "She turns. Woman of 60 says (dry): “You came back.”"


def test_pictures_are_given_and_named_in_the_stated_order() -> None:
    given = action("anchor", {}, caption="A pier.", prop=1, plate=1, reference=2)
    assert [p.digest for p in Prompts().pictures(given)] == [
        "reference0",
        "reference1",
        "plate0",
        "prop0",
    ]
    told = Prompts().prompt(given)
    assert told.startswith("A pier. Reference pictures, in their order: 2 of the people")
    assert "then one of the place, then one of the prop." in told


def test_a_sound_is_told_its_text() -> None:
    assert Prompts().prompt(action("music", {"text": "slow cello"})) == "slow cello"


def test_the_looks_are_in_the_prompts_of_pictures() -> None:
    prompts = Prompts()
    look = {"look": "woman of 60", "outfit": "yellow oilskin", "style": "noir"}
    told = prompts.prompt(action("reference", look, given=2))
    assert "Woman of 60, wearing yellow oilskin." in told and "given pictures" in told
    plate = {"look": "rotting pier", "time": "dusk", "lighting": "low sun", "style": "noir"}
    assert "empty of people, rotting pier. Dusk, low sun." in prompts.prompt(action("plate", plate))
    assert "even light, torn ticket." in prompts.prompt(action("prop", {"look": "torn ticket"}))


# --- identity -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("prompts/llm/caption.system.j2", {"caption"}),
        ("prompts/llm/motion.user.j2", {"motion"}),
        ("prompts/caption.j2", {"caption"}),
        ("prompts/still.json", {"caption"}),
        ("prompts/motion.veo.j2", {"motion"}),
        ("prompts/clip.j2", {"segment"}),
        ("prompts/still.j2", {"anchor", "boundary"}),
        ("prompts/pictures.j2", {"anchor", "boundary", "segment"}),
        ("prompts/reference.j2", {"reference"}),
        ("styles/noir.json", {"caption", "motion"}),
        ("prompts/llm/draft.user.j2", set()),
    ],
)
def test_the_films_own_template_changes_the_kinds_that_use_it(
    name: str, changed: set[str], tmp_path: Path
) -> None:
    kinds = ("caption", "motion", "anchor", "boundary", "segment", "reference", "plate", "speech")
    own = tmp_path / "templates" / name
    own.parent.mkdir(parents=True)
    own.write_text("{}", encoding="utf-8")
    ours, theirs = Prompts(), Prompts(tmp_path)
    assert {kind for kind in kinds if ours.identity(kind) != theirs.identity(kind)} == changed


def test_a_film_without_templates_is_asked_like_any_other(tmp_path: Path) -> None:
    assert Prompts(tmp_path).identity("caption") == Prompts().identity("caption")


def test_a_films_own_question_is_asked(tmp_path: Path) -> None:
    own = tmp_path / "templates/prompts/llm/caption.user.j2"
    own.parent.mkdir(parents=True)
    own.write_text("Beschreibe: {{ action }}", encoding="utf-8")
    assert Prompts(tmp_path).asked("caption", CAPTION).prompt == "Beschreibe: she turns and smiles"


@pytest.mark.parametrize("source", ["{{ nothing }}", "{% if %}", "{{ 1 // 0 }}", "no json"])
def test_a_template_of_no_use_is_named(source: str, tmp_path: Path) -> None:
    own = tmp_path / "templates/prompts/llm/caption.schema.j2"
    own.parent.mkdir(parents=True)
    own.write_text(source, encoding="utf-8")
    with pytest.raises(TargetError, match=r"caption\.schema\.j2"):
        Prompts(tmp_path).asked("caption", CAPTION)


# --- answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    ['{"text": "A  pier.\\n"}', '```json\n{"text": "A pier."}\n```', ' {"text":"A pier."}'],
)
def test_an_answer_is_read(answer: str) -> None:
    prompts = Prompts()
    assert prompts.read(prompts.asked("caption", CAPTION), answer) == "A pier."


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "A pier.",
        "null",
        "[]",
        "{}",
        '{"text": 3}',
        '{"text": null}',
        '{"text": "  "}',
        '{"text": "a", "more": "b"}',
        '{"text": "a"',
    ],
)
def test_an_answer_of_no_use_is_a_failed_job(answer: str) -> None:
    prompts = Prompts()
    with pytest.raises(JobFailedError, match="answer"):
        prompts.read(prompts.asked("caption", CAPTION), answer)


@given(st.text(max_size=80))
def test_any_answer_is_read_or_failed(answer: str) -> None:
    try:
        value = read_answer(TEXT, answer)
    except JobFailedError:
        return
    assert isinstance(value, dict) and isinstance(value["text"], str)


def test_faults_name_their_place() -> None:
    schema = Prompts().asked("draft", DRAFT).schema
    draft: dict[str, Any] = {
        "title": "T",
        "style": "pop",
        "look": None,
        "characters": [{"id": "a"}],
        "locations": [],
        "props": {},
        "scenes": [],
    }
    assert list(faults(schema, draft)) == [
        "answer.style is 'pop', none of noir, null",
        "answer.characters[0] has no look",
        "answer.props is '{}', not array",
    ]


# --- limits -------------------------------------------------------------------------------------


def test_a_prompt_that_is_too_long_is_refused_and_never_cut() -> None:
    can = Capabilities(kinds=frozenset({"segment"}), prompt_chars=10)
    check_length("0123456789", can, "s/a/segment", "gen")
    with pytest.raises(RejectedInputError, match="11 characters, and gen takes 10"):
        check_length("0123456789a", can, "s/a/segment", "gen")


def test_a_limit_in_tokens_is_an_estimate_and_refuses_nothing() -> None:
    can = Capabilities(kinds=frozenset({"segment"}), prompt_tokens=1)
    check_length("far more than one token", can, "s/a/segment", "gen")
    assert 3 <= tokens_in("far more than one token") <= 8


def test_what_a_question_takes_is_estimated() -> None:
    tokens = Prompts().tokens("caption", CAPTION)
    asked = Prompts().asked("caption", CAPTION)
    assert len(asked.system) // 8 < tokens.input < len(asked.system) + len(asked.prompt)
    assert 0 < tokens.output_likely < tokens.output_max == asked.most_tokens


def test_every_schema_suits_strict_modes() -> None:
    """OpenAI's strict mode and others want every field required, and no other allowed."""

    def look(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("type") == "object":
                assert set(part["required"]) == set(part["properties"])
                assert part["additionalProperties"] is False
            for inner in part.values():
                look(inner)
        elif isinstance(part, list):
            for inner in part:
                look(inner)

    questions = {
        "caption": CAPTION,
        "motion": MOTION,
        "draft": DRAFT,
        "reword": {"text": "a", "what": "b", "why": ""},
    }
    for kind, params in questions.items():
        schema = Prompts().asked(kind, params).schema
        look(json.loads(json.dumps(schema)))
