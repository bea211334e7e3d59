from __future__ import annotations

import pytest

from fvbuild.engine.digest import Json
from fvbuild.engine.events import Act, Change, Reason, Step
from fvbuild.engine.target import Price
from fvbuild.report import words
from fvbuild.report.style import Style, safe


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        ("camera", "dolly in", "pan left", "camera changed (dolly in -> pan left)"),
        ("move.camera", "static", "zoom in", "camera changed (static -> zoom in)"),
        ("composition.size", "wide", "full", "size changed (wide -> full)"),
        ("characters.0.outfit", "coat", "suit", "character outfit changed (coat -> suit)"),
        ("canvas", [1280, 720], [720, 1280], "picture size changed (1280x720 -> 720x1280)"),
        ("frames", 96, 120, "length changed (96 frames -> 120 frames)"),
        ("samples", 48000, 72000, "sound length changed (1.0 s -> 1.5 s)"),
        ("negative", None, "blur", "negative added (blur)"),
        ("negative", "blur", None, "negative removed (was blur)"),
        ("overlay", True, False, "overlay changed (yes -> no)"),
        ("start", ["a" * 64], ["b" * 64], "start picture changed"),
        ("target.model", "flux-1", "flux-2", "target model changed (flux-1 -> flux-2)"),
        ("version", 1, 2, "fvbuild's own rule changed (1 -> 2)"),
    ],
)
def test_a_change_reads_as_a_person_would_say_it(
    path: str, old: Json, new: Json, told: str
) -> None:
    assert words.change(Change(path, old, new)) == told


def test_of_long_texts_only_the_differing_words_are_told() -> None:
    old = "the figure walks slowly to the very end of the rotting pier and stops"
    new = "the figure runs slowly to the very end of the rotting pier and stops"
    told = words.change(Change("action", old, new))
    assert told == "action changed (the figure walks slowly … -> the figure runs slowly …)".replace(
        "the figure", "… figure"
    )


def test_one_edit_that_arrives_by_two_paths_is_told_once() -> None:
    look = [Change(path, "warm", "cold") for path in ("look", "style.look", "composition.look")]
    assert words.all_changes(look) == "style look changed (warm -> cold)"


def test_a_value_of_any_length_stays_short() -> None:
    told = words.change(Change("look", "a" * 5000, {"deep": ["b"] * 5000}))
    assert len(told) < 120


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("action", list(Act))
def test_every_verdict_has_words(action: Act, reason: Reason) -> None:
    told = words.reason(Step("a/b/anchor", "anchor", action, reason))
    assert told
    assert "_" not in told


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (61, "1 min 01 s"), (3725, "1 h 02 min")],
)
def test_seconds(value: float, told: str) -> None:
    assert words.seconds(value) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (999_600, "1.0 MB"), (123_456_789, "123 MB")],
)
def test_size(value: int, told: str) -> None:
    assert words.size(value) == told


def test_money_hides_no_fraction_of_a_cent() -> None:
    assert words.money(1.2, "USD") == "1.20 USD"
    assert words.money(0.0035, "USD") == "0.0035 USD"
    assert words.price(Price()) == "nothing"
    assert words.price(Price(0, 1.2, 2.4)) == "about 1.20 USD, at most 2.40 USD"


def test_names_are_joined_as_they_are_said() -> None:
    assert [words.either(names) for names in ([], ["a"], ["a", "b"])] == ["", "a", "a or b"]
    assert words.either(list("abcd")) == "a, b, c or d"
    assert words.either(list("abcdef")) == "a, b, c or 3 more"
    assert words.some(list("abcdef")) == "a, b, c and 3 more"


def test_a_place_is_told_without_its_column() -> None:
    assert words.place("film.yaml:52:9") == "film.yaml:52"
    assert words.place("C:\\film.yaml:52:9") == "C:\\film.yaml:52"
    assert words.place(None) == ""


def test_text_of_the_film_cannot_steer_the_terminal() -> None:
    assert safe("red \x1b[31m\rbell\x07 é →") == "red �[31m�bell� é →"


def test_without_colour_nothing_is_painted() -> None:
    assert Style(color=False).red("x") == "x"
    assert Style(color=True).red("x") == "\x1b[31mx\x1b[0m"
