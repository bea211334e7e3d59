"""What a description from anywhere may not do: keep a build busy for ever, look at the machine."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from jmespath.exceptions import JMESPathError

from fvbuild.errors import FilmBuildError
from fvbuild.targets.api.load import load, shipped
from fvbuild.targets.api.lookup import look, path, pattern
from fvbuild.targets.api.media import Media, Part
from fvbuild.targets.api.values import render

A_LIST = ",".join("1" * 10)


@pytest.mark.parametrize(
    "bomb",
    [
        "{{ 'a' * 3000000000 }}",
        "{{ [1] * 3000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%4000000000d' % 1 }}",
        "{{ '%4000000000d' | format(1) }}",
        "{{ '{:>4000000000}'.format(1) }}",
        "{{ 'a'.ljust(4000000000) }}",
        "{{ 'a' | center(4000000000) }}",
        "{{ 'a' | indent(4000000000, true) }}",
        "{{ [1] | batch(4000000000, 0) | list }}",
        "x{% for a in [" + A_LIST + "] %}{{ a }}{% endfor %}",
        "x{% set a = 'aa' %}{{ a }}",
        "x{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 'a'" + " | replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')" * 9 + " }}",
        "{{ 'aa'" + " | list | join('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb')" * 9 + " }}",
    ],
)
def test_no_template_grows_without_bound(bomb: str) -> None:
    with pytest.raises(FilmBuildError):
        render(bomb, {})


def test_what_templates_are_for_still_works() -> None:
    context = {"seconds": 5, "names": ["a", "b"], "text": "16:9", "voice": {"id": "x"}}
    tree = {
        "ms": "{{ (seconds * 1000) | int }}",
        "odd": "{{ seconds % 2 }}",
        "less": "{{ -seconds }}",
        "bare": "{{- seconds -}}",
        "all": "{{ names | map('upper') | join(', ') }}",
        "by": "{{ text | replace(':', 'x') }}",
        "first": "{{ text.split(':') | first }}",
        "voice": "{{ voice.get('id') if text.startswith('16') else none }}",
    }
    assert render(tree, context) == {
        "ms": 5000,
        "odd": 1,
        "less": -5,
        "bare": 5,
        "all": "A, B",
        "by": "16x9",
        "first": "16",
        "voice": "x",
    }


@pytest.mark.parametrize(
    "source",
    [
        r"(a+)+$",
        r"(a|a)*$",
        r"(a?a?)*b",
        r"((x*)y?){2,}",
        r"(?=(a+)+)b",
        ".*.*.*x",
        "x" * 501,
        ".{0,64}.{0,64}.{0,64}x",
        "a{0,900}b{0,900}x",
    ],
)
def test_no_pattern_takes_for_ever(source: str) -> None:
    with pytest.raises(re.error):
        pattern(source)


@pytest.mark.parametrize("source", [r"resets in ~?(\d+)s", r"no (credits|money) left", r"a{2,4}"])
def test_usual_patterns_are_patterns(source: str) -> None:
    assert pattern(source).search("") is None


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"a.*x", "a"), (r".*.*x", "a"), (r"\s*\s*x", " "), (r".{0,40}.{0,40}x", "a"),
        (r"a?a?a?a?a?a?x", "a"), (r"(?:a|b).*?x", "a"), (r"[^x]{0,900}x", "a"), ("(?:ab)*x", "ab"),
    ],
)  # fmt: skip
def test_no_answer_makes_a_pattern_slow(source: str, text: str) -> None:
    """What a pattern sees is bounded by its repeats: 0.1 s, ten times that on a busy machine."""
    body = text * 2_000_000
    began_s = time.process_time()
    assert pattern(source).search(body) is None
    assert time.process_time() - began_s < 1.0


def test_a_pattern_sees_the_less_the_more_it_repeats() -> None:
    assert pattern("safety|nsfw").sees_chars == 65_536
    assert pattern(r"resets in ~?(\d{1,6})s").sees_chars == 65_536
    assert pattern("blocked.*policy").sees_chars == 2000
    assert pattern("a.*b.*c").sees_chars == 228
    assert pattern("blocked.*policy").search(" " * 1900 + "blocked by policy") is not None
    assert pattern("blocked.*policy").search(" " * 1990 + "blocked by policy") is None


def test_no_path_copies_an_answer_without_bound() -> None:
    with pytest.raises(JMESPathError):
        path("|".join(["[@,@][]"] * 40))
    assert look("{a: x, b: [y, z]}", {"x": 1, "y": 2, "z": 3}) == {"a": 1, "b": [2, 3]}


@pytest.mark.parametrize("levels", [100, 1000, 20_000])
@pytest.mark.parametrize(
    ("before", "after"), [("(", ")"), ("[", "]"), ("not ", ""), ("", " | upper"), ("-", "")]
)
def test_no_template_is_deeper_than_it_can_be_read(before: str, after: str, levels: int) -> None:
    for way in ("{{ %s }}", "x{{ %s }}"):
        deep = way % f"{before * levels}text{after * levels}"
        if levels == 100 and before not in "([":
            continue  # of those, so many are no trouble
        with pytest.raises(FilmBuildError, match="nested too deeply"):
            render(deep, {"text": "x"})


@pytest.mark.parametrize("levels", [100, 1000, 20_000])
@pytest.mark.parametrize(("before", "after"), [("!", ""), ("[", "]"), ("", " || a"), ("[?", "]")])
def test_no_path_is_deeper_than_an_answer_can_be_looked_at(
    before: str, after: str, levels: int
) -> None:
    with pytest.raises(JMESPathError, match="nested too deeply"):
        path(f"{before * levels}a{after * levels}")


def test_what_is_shipped_is_within_these_bounds() -> None:
    from fvbuild.targets.api.check_texts import faults, written
    from fvbuild.targets.api.scope import Scopes

    for name in shipped():
        description = load(name).description
        scopes = Scopes(description)
        found = [
            fault for text in written(description) for fault in faults(text, scopes.at(text.path))
        ]
        assert found == [], name


@pytest.mark.parametrize(
    "source", ["{{ start | string }}", "{{ start ~ '' }}", "x{{ start }}", "{{ part | string }}"]
)
def test_where_a_picture_lies_is_told_to_nobody(source: str, tmp_path: Path) -> None:
    where = tmp_path / "of-the-user" / "a.png"
    context: dict[str, Any] = {
        "start": Media(where, "image/png"),
        "part": Part("a.png", "image/png", where),
    }
    assert "of-the-user" not in str(render(source, context))


def test_a_template_names_no_file_of_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "private.json"
    file.write_text('{"1": {"class_type": "Secret", "inputs": {}}}')
    with pytest.raises(FilmBuildError, match="cannot be read"):
        render(f"{{{{ {{'workflow': '{file}'}} | comfyui_graph }}}}", {})
