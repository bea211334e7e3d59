from __future__ import annotations

import pytest

from fvbuild.engine.events import Act, Reason, Step
from fvbuild.engine.target import Price
from fvbuild.report import words
from fvbuild.report.reasons import reason
from fvbuild.report.style import Style, safe


@pytest.mark.parametrize("why", list(Reason))
@pytest.mark.parametrize("action", list(Act))
def test_every_verdict_has_words(action: Act, why: Reason) -> None:
    told = reason(Step("a/b/anchor", "anchor", action, why))
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
    [(8.0, "00:08.0"), (16.75, "00:16.75"), (59.999, "01:00.0"), (3728, "1:02:08.0")],
)
def test_timecode(value: float, told: str) -> None:
    assert words.timecode(value) == told


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


def test_a_films_text_turns_no_line_around() -> None:
    """Hebrew and Arabic need nothing for it; what overrides the order of characters shows."""
    assert safe("המעבורת العبارة") == "המעבורת العبارة"
    assert safe("cut\u202e4pm.exe\u202c \u2066x\u2069") == "cut�4pm.exe� �x�"


def test_without_colour_nothing_is_painted() -> None:
    assert Style(color=False).red("x") == "x"
    assert Style(color=True).red("x") == "\x1b[31mx\x1b[0m"
