"""Other words for what was refused: by softening rules, or by the film's language model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from films import Place, film
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.engine.action import Action, InputFile, Made, Outcome
from fvbuild.engine.digest import Json, content
from fvbuild.engine.target import Capabilities, Price, Target
from fvbuild.errors import (
    FilmBuildError,
    ManifestError,
    RefusedError,
    UnavailableError,
    UnresolvedError,
)
from fvbuild.project import Project
from fvbuild.project.rewording import Rewording
from fvbuild.project.softening import Softening, softening

WHY = RefusedError("violence")


@dataclass
class Writer:
    """A language model that answers with ``says``, or raises it."""

    says: str | FilmBuildError
    asked: list[Action] = field(default_factory=list)
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(kinds=frozenset({"caption", "motion"}), seed=False)
    )
    identity: Mapping[str, Json] = field(default_factory=lambda: {"model": "w"})
    pool: str = "w"

    def identity_of(self, kind: str) -> Mapping[str, Json]:
        return self.identity

    def price(self, kind: str, params: Mapping[str, Json]) -> Price:
        return Price()

    def make(self, action: Action) -> Outcome:
        self.asked.append(action)
        if isinstance(self.says, FilmBuildError):
            raise self.says
        return Outcome((Made("text/plain", text=self.says),))


def text(role: str, words: str) -> InputFile:
    return InputFile(role, content(words.encode()), Path("/nowhere"), "text/plain", words)


def refused(kind: str = "anchor", params: dict[str, Any] | None = None, **texts: str) -> Action:
    inputs = {role: (text(role, words),) for role, words in texts.items()}
    return Action(f"s0/a0/{kind}", kind, params or {}, inputs, Path())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Place(tmp_path / "film", film(shots=2, scenes=1)).project()


def with_writer(tmp_path: Path, writer: Writer) -> Project:
    """The same film, whose captions a language model writes."""
    data: dict[str, Any] = film(shots=2, scenes=1)
    data["targets"] = {"claude": {"provider": "anthropic", "model": "claude-sonnet-5"}}
    data["use"] |= {"caption": "claude", "motion": "claude"}
    project = Place(tmp_path / "film", data).project()
    project.targets._made["claude"] = cast(Target, writer)
    return project


# --- softening rules ----------------------------------------------------------------------------


def test_words_are_softened_and_told(project: Project) -> None:
    action = refused(caption="A bloody knife on the table.", motion="It falls.")
    found = Rewording(project)(action, WHY)
    assert found is not None
    reworded, how = found
    caption = reworded.one("caption")
    assert caption is not None and caption.text == "A stained dark red tool on the table."
    assert caption.digest == content(caption.text.encode()) and caption.path is None
    assert reworded.inputs["motion"] == action.inputs["motion"]
    assert how == {
        "by": "softening rules",
        "changed": [
            {
                "where": "caption",
                "from": "A bloody knife on the table.",
                "to": "A stained dark red tool on the table.",
            }
        ],
    }


def test_nothing_to_soften_is_nothing_to_try(project: Project) -> None:
    assert Rewording(project)(refused(caption="A calm sea."), WHY) is None
    assert Rewording(project)(refused("anchor"), WHY) is None


def test_looks_and_sounds_are_in_their_params(project: Project) -> None:
    found = Rewording(project)(refused("reference", {"look": "a killer", "outfit": ""}), WHY)
    assert found is not None and found[0].params == {"look": "a pursuer", "outfit": ""}
    sound = Rewording(project)(refused("effect", {"text": "gunshot"}), WHY)
    assert sound is not None and sound[0].params == {"text": "loud bang"}


def test_a_line_of_dialogue_is_the_films_and_stays(project: Project) -> None:
    assert Rewording(project)(refused("speech", {"text": "I will kill you."}), WHY) is None


def test_a_film_adds_rules_and_switches_shipped_ones_off(tmp_path: Path) -> None:
    own = tmp_path / "templates/softening.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("zombie: tired neighbour\nknife: ~\nblood: ''\n", encoding="utf-8")
    rules = softening(tmp_path)
    assert rules.soften("Zombie with a knife, blood and a gun") == (
        "Tired neighbour with a knife, and a dark tool"
    )


@pytest.mark.parametrize("text", ["- a", "a: 3", "a: [b]", "{", "3: b"])
def test_rules_of_no_use_are_named(text: str, tmp_path: Path) -> None:
    own = tmp_path / "templates/softening.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError) as caught:
        softening(tmp_path)
    assert "softening.yaml" in str(caught.value.place)


def test_only_whole_words_are_softened_longer_phrases_first() -> None:
    rules = Softening({"gun": "object", "gun metal": "grey", "kill": "stop"})
    assert rules.soften("Gun metal, a gun, gunwale, skill, KILL") == (
        "Grey, a object, gunwale, skill, Stop"
    )


@given(st.text(max_size=60))
def test_any_text_is_softened_or_left(words: str) -> None:
    rules = Softening({"gun": "object", "a.b(": "x", " ": "y"})
    if "gun" not in words.casefold() and "a.b(" not in words.casefold():
        assert rules.soften(words) == words


def test_the_shipped_rules_lead_to_words_that_stay(tmp_path: Path) -> None:
    """What a rule says must not be softened in turn, or it was not soft."""
    rules = softening(tmp_path)
    for words, softer in rules._rules.items():
        assert rules.soften(softer) == softer, words


# --- a language model -----------------------------------------------------------------------------


def test_the_films_language_model_is_asked_first(tmp_path: Path) -> None:
    writer = Writer("A calm table.")
    found = Rewording(with_writer(tmp_path, writer))(
        refused(caption="A bloody knife on the table."), WHY
    )
    assert found is not None
    reworded, how = found
    caption = reworded.one("caption")
    assert caption is not None and caption.text == "A calm table."
    assert how["by"] == "claude"
    (asked,) = writer.asked
    assert asked.kind == "reword"
    assert asked.params == {
        "text": "A bloody knife on the table.",
        "what": "a still picture",
        "why": "violence",
    }


def test_several_texts_are_reworded_in_one_question(tmp_path: Path) -> None:
    writer = Writer("A quiet street, where he walks on.")
    action = refused("segment", caption="A street with blood.", motion="He runs.")
    found = Rewording(with_writer(tmp_path, writer))(action, WHY)
    assert found is not None and len(writer.asked) == 1
    texts = {role: files[0].text for role, files in found[0].inputs.items()}
    assert texts == {"caption": "A quiet street, where he walks on.", "motion": ""}


def test_purchases_of_the_take_pay_for_the_words(tmp_path: Path) -> None:
    writer = Writer("A calm table.")
    action = refused(caption="blood")
    Rewording(with_writer(tmp_path, writer))(action, WHY)
    assert writer.asked[0].purchases is action.purchases


def test_a_language_model_that_fails_leaves_the_rules(tmp_path: Path) -> None:
    project = with_writer(tmp_path, Writer(UnavailableError("it is down")))
    found = Rewording(project)(refused(caption="blood on snow"), WHY)
    assert found is not None
    assert found[1]["by"] == "softening rules"
    assert found[1]["not by claude"] == "it is down"


def test_a_language_model_that_says_the_same_says_nothing(tmp_path: Path) -> None:
    project = with_writer(tmp_path, Writer("blood"))
    assert Rewording(project)(refused(caption="blood"), WHY) is None


def test_what_may_have_been_bought_is_not_hidden(tmp_path: Path) -> None:
    project = with_writer(tmp_path, Writer(UnresolvedError("who knows")))
    with pytest.raises(UnresolvedError):
        Rewording(project)(refused(caption="blood"), WHY)


def test_what_was_done_can_be_kept_as_json(project: Project) -> None:
    found = Rewording(project)(refused(caption="a gun"), WHY)
    assert found is not None and json.loads(json.dumps(found[1])) == found[1]
