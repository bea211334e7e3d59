"""Words become what they name: what stands on shelves, what is worn, where things lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawing_studio import MARA, fields
from numpy.typing import NDArray

from fvbuild.targets.sketch import words
from fvbuild.targets.sketch.casting import cast
from fvbuild.targets.sketch.scene import Scene
from fvbuild.targets.sketch.staging import stage
from fvbuild.targets.sketch.stills import draw_still

WIDE, TALL = (640, 360), (360, 640)
LETTER = {"look": "a letter"}
BROAD = {"look": "tall burly man of 40", "outfit": "black suit"}


def staged(caption: str, canvas: tuple[int, int] = WIDE, **changed: Any) -> Scene:
    return stage(fields(**changed), caption, canvas, 1, empty=False)


def drawn(caption: str, **changed: Any) -> NDArray[np.int16]:
    changed = {"time": "day", "lighting": "", "overlay": False, **changed}
    return np.asarray(draw_still(staged(caption, **changed)), np.int16)


def changed_share(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """The share of pixels which differ clearly."""
    return float((np.abs(one - other).max(axis=2) > 24).mean())


@pytest.mark.parametrize(
    ("text", "entries"),
    [("a fishing boat at sea", {"fishing_boat"}), ("two boats", {"boat"}),
     ("a trawler", {"fishing_boat"}), ("park, bench", {"bench"}),
     ("a rowing boat beside a boat", {"rowing_boat", "boat"})],
)  # fmt: skip
def test_a_word_inside_a_longer_name_is_not_read_again(text: str, entries: set[str]) -> None:
    assert words.named(text, "extras") == entries


@pytest.mark.parametrize("boat", ["fishing boat", "rowing boat"])
def test_each_kind_of_boat_is_drawn_as_itself(boat: str) -> None:
    sea: dict[str, Any] = {"size": "wide", "location": {"look": "sea"}, "characters": []}
    empty = drawn("calm", **sea)
    assert changed_share(drawn(f"a {boat}", **sea), empty) > 0.002
    assert changed_share(drawn(f"a {boat}", **sea), drawn("a sailing boat", **sea)) > 0.002


def test_a_bakery_has_an_oven_and_loaves_not_books() -> None:
    scene: dict[str, Any] = {"size": "medium", "characters": []}
    bakery = drawn("morning", location={"look": "small bakery, shelves of loaves"}, **scene)
    library = drawn("morning", location={"look": "library, shelves of books"}, **scene)
    red, green, blue = (bakery[..., channel] for channel in range(3))
    fire = (red > 200) & (green > 100) & (blue < 120)
    assert fire.mean() > 0.003
    assert changed_share(bakery, library) > 0.3


def test_words_say_what_stands_on_shelves() -> None:
    plain = drawn("noon", size="wide", location={"look": "kitchen"}, characters=[])
    books = drawn("noon, old books", size="wide", location={"look": "kitchen"}, characters=[])
    assert changed_share(plain, books) > 0.0005


def test_a_bench_stands_in_the_park() -> None:
    bare = drawn("noon", size="wide", location={"look": "park"}, characters=[])
    with_bench = drawn("noon, a bench", size="wide", location={"look": "park"}, characters=[])
    assert 0.005 < changed_share(bare, with_bench) < 0.2


def test_a_bench_is_under_whoever_sits() -> None:
    shot: dict[str, Any] = {"size": "full", "location": {"look": "park"}, "characters": [MARA]}
    difference = np.abs(drawn("she sits", **shot) - drawn("she sits on the bench", **shot))
    columns = np.flatnonzero(difference.max(axis=(0, 2)) > 24)
    middle = staged("she sits", **shot).figures[0].x * WIDE[0]
    assert columns[0] < middle < columns[-1]


@pytest.mark.parametrize(
    ("outfit", "colour"),
    [("grey coat, red scarf", "red"), ("navy coat and yellow scarf", "yellow"),
     ("grey coat", None)],
)  # fmt: skip
def test_a_scarf_has_its_own_colour(outfit: str, colour: str | None) -> None:
    expected = words.colour_named(colour) if colour else None
    assert cast("woman of 30", outfit).scarf == expected


def test_a_scarf_without_a_colour_stands_out_from_its_coat() -> None:
    person = cast("man of 70", "green wool coat and scarf")
    assert person.scarf and max(
        abs(a - b) for a, b in zip(person.scarf, person.colour, strict=True)
    ) > 20  # fmt: skip


@pytest.mark.parametrize("caption", ["she waits", "seen from behind"])
def test_a_scarf_is_seen(caption: str) -> None:
    coat = {"look": "woman of 30, cropped dark hair", "outfit": "grey coat"}
    scarf = {**coat, "outfit": "grey coat, red scarf"}
    shot: dict[str, Any] = {"size": "medium", "location": {"look": "studio"}}
    seen = drawn(caption, characters=[scarf], **shot)
    red = (seen[..., 0] > 80) & (seen[..., 0] > 1.8 * seen[..., 1])
    assert red.mean() > 0.002
    assert changed_share(seen, drawn(caption, characters=[coat], **shot)) > 0.002


@pytest.mark.parametrize("hair", ["cropped grey hair", "short grey hair"])
def test_hair_shows_under_a_cap(hair: str) -> None:
    shot: dict[str, Any] = {"size": "close-up", "location": {"look": "studio"}}
    haired = {"look": f"woman of 60, {hair}", "outfit": "navy cap"}
    bald = {"look": "woman of 60, bald", "outfit": "navy cap"}
    one = drawn("she waits", characters=[haired], **shot)
    head = cast(haired["look"]).hair_colour
    grey = (np.abs(one - np.array(head)).max(axis=2) < 60) & (np.ptp(one, axis=2) < 26)
    other = drawn("she waits", characters=[bald], **shot)
    was = (np.abs(other - np.array(head)).max(axis=2) < 60) & (np.ptp(other, axis=2) < 26)
    assert float(grey.mean()) > float(was.mean()) + 0.004


@pytest.mark.parametrize(
    ("caption", "laid", "in_hand"),
    [("a letter on the mat", "mat", False),
     ("the letter lies on the worn coir doormat", "mat", False),
     ("a letter on his desk", "table", False), ("the letter lies unopened", "table", False),
     ("her hands lay the letter on the table", "", True), ("she reads the letter", "", True),
     ("a letter on the long night train home to a table", "", True)],
)  # fmt: skip
def test_an_insert_lies_where_the_caption_puts_it(caption: str, laid: str, in_hand: bool) -> None:
    scene = staged(caption, size="insert", props=[LETTER], characters=[MARA])
    assert (scene.laid, scene.things[0].in_hand) == (laid, in_hand)
    assert Scene.parse(scene.text()) == scene


@pytest.mark.parametrize("where", ["mat", "floor", "desk", "sand", "bed"])
def test_what_lies_somewhere_shows_no_hands(where: str) -> None:
    shot: dict[str, Any] = {"size": "insert", "props": [LETTER], "location": {"look": "hallway"}}
    held = drawn("a letter", characters=[MARA], **shot)
    laid = drawn(f"a letter on the {where}", characters=[MARA], **shot)
    alone = drawn(f"a letter on the {where}", characters=[], **shot)
    assert np.array_equal(laid, alone) and changed_share(laid, held) > 0.2


@pytest.mark.parametrize("canvas", [WIDE, TALL, (480, 480)])
@pytest.mark.parametrize("size", ["full", "two-shot", "medium"])
def test_two_people_do_not_hide_each_other(size: str, canvas: tuple[int, int]) -> None:
    scene = staged("they talk", canvas, size=size, characters=[BROAD, BROAD])
    aspect = canvas[0] / canvas[1]
    one, other = scene.figures
    wide = 0.25 * (one.height * one.build + other.height * other.build) / 2
    assert abs(one.x - other.x) * aspect >= 0.98 * wide
    assert all(0 < figure.x < 1 for figure in scene.figures)
