"""Values of a description: templates filled in, things left out, and nothing else run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.errors import TargetError
from fvbuild.targets.api.media import Media, Part
from fvbuild.targets.api.values import evaluate, form_fields, holds, render, render_text


@pytest.fixture
def context(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "secret-name.png"
    path.write_bytes(b"\xfb\xff\xfe")
    picture = Media(path, "image/png", digest="ab" * 32)
    return {
        "prompt": "a pier",
        "seed": 7,
        "seconds": 5.0,
        "start": picture,
        "end": None,
        "references": [picture, picture],
        "settings": {"audio": True, "quality": None},
        "size": {"width": 1280, "height": 720, "ratio": "16:9", "name": "1280x720"},
        "none": None,
    }


@pytest.mark.parametrize(
    ("tree", "value"),
    [
        ("plain", "plain"),
        ("{{ prompt }}", "a pier"),
        ("{{ seed }}", 7),
        ("{{ seed }} times", "7 times"),
        ("{{ seconds | int }}", 5),
        ("{{ seconds | int | text }}", "5"),
        ("{{ seconds }}s", "5s"),
        ("{{ size.width }}:{{ size.height }}", "1280:720"),
        ("{{ size.name | ratio }}", "16:9"),
        ("{{ settings.audio }}", True),
        ("{{ settings.audio }}!", "true!"),
        ("{{ {'a': {'b': 1}} }}", {"a": {"b": 1}}),
        ("{{ end }}", None),
        ("{{ references | length }}", 2),
        ("{{ start | base64 }}", "+//+"),
        ("{{ start | base64url }}", "-__-"),
        ("{{ start | data_uri }}", "data:image/png;base64,+//+"),
        ("{{ references | map('base64') }}", ["+//+", "+//+"]),
        ("{{ start.media_type }}", "image/png"),
        (3, 3),
        (True, True),
        (None, None),
    ],
)
def test_texts(tree: Any, value: Any, context: dict[str, Any]) -> None:
    found = render(tree, context)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("tree", "value"),
    [
        ({"a": "{{ end }}", "b": 1}, {"b": 1}),
        ({"a": None, "b": 1}, {"a": None, "b": 1}),
        (["{{ end }}", "x"], ["x"]),
        ({"a": {"b": "{{ end }}"}, "c": 1}, {"c": 1}),
        ({"a": ["{{ end }}"], "c": 1}, {"c": 1}),
        ({"a": {}, "b": []}, {"a": {}, "b": []}),
        ({"a": {"$if": "end", "x": 1}, "b": 1}, {"b": 1}),
        ({"a": {"$if": "start and not end", "x": 1}}, {"a": {"x": 1}}),
        ([{"$if": "end", "x": 1}, {"$if": "start", "x": 2}], [{"x": 2}]),
        ([{"$each": "references", "t": "{{ item.media_type }}"}], [{"t": "image/png"}] * 2),
        ([{"$each": "end", "t": 1}, "x"], ["x"]),
        ({"a": {"$each": "references", "n": 1}}, {"a": [{"n": 1}, {"n": 1}]}),
        ([{"$each": [1, 2], "n": "{{ item }}"}], [{"n": 1}, {"n": 2}]),
        ([{"$each": [1, 2], "$if": "item > 1", "n": "{{ item }}"}], [{"n": 2}]),
        ({"$merge": "{{ settings }}", "b": 1}, {"audio": True, "b": 1}),
        ({"b": 1, "$merge": "{{ {'b': 2} }}"}, {"b": 2}),
        ({"$merge": "{{ end }}", "b": 1}, {"b": 1}),
    ],
)
def test_trees(tree: Any, value: Any, context: dict[str, Any]) -> None:
    assert render(tree, context) == value


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ("{{ promt }}", "'promt' is undefined"),
        ("{{ [promt] }}", "'promt' is undefined"),
        ("x {{ promt }}", "'promt' is undefined"),
        ("x {{ end }}", "a part of the text is nothing"),
        ("{{ settings.nope }}", "nope"),
        ("{{ prompt | data_uri }}", "'data_uri' is for media"),
        ([{"$each": "prompt", "a": 1}], "gives no list"),
        ({"$merge": "prompt", "a": 1}, "gives no mapping"),
        ("{{ 1 / 0 }}", "division by zero"),
    ],
)
def test_what_cannot_be_filled(tree: Any, message: str, context: dict[str, Any]) -> None:
    with pytest.raises(TargetError, match=message):
        render(tree, context)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ start.path }}",
        "{{ start.path.read_text() }}",
        "{{ start.read() }}",
        "{{ start.upload }}",
        "{{ (start | file).path }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ prompt.format.__globals__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ lipsum }}",
        "{{ settings.update({'audio': false}) }}",
        "{{ prompt.join }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
    ],
)
def test_a_template_reaches_nothing_of_the_machine(attack: str, context: dict[str, Any]) -> None:
    with pytest.raises(TargetError):
        render(attack, context)


@given(st.text(), st.text())
def test_what_users_write_is_never_a_template(prompt: str, voice: str) -> None:
    tree = {"p": "{{ prompt }}", "v": {"id": "{{ voice.id }}"}, "t": "say {{ prompt }}"}
    found = render(tree, {"prompt": prompt, "voice": {"id": voice}})
    assert found == {"p": prompt, "v": {"id": voice}, "t": f"say {prompt}"}


def test_templates_in_users_words_stay_words(context: dict[str, Any]) -> None:
    evil = "{{ secrets.key }} {% for x in y %} $if"
    assert render({"a": "{{ prompt }}"}, {**context, "prompt": evil}) == {"a": evil}
    assert render("{{ prompt }}", {**context, "prompt": {"$if": "start"}}) == {"$if": "start"}


def test_forms_are_flat(context: dict[str, Any]) -> None:
    tree = {
        "prompt": "{{ prompt }}",
        "n": "{{ seed }}",
        "loud": "{{ settings.audio }}",
        "gone": "{{ end }}",
        "image[]": "{{ references | map('file') | list }}",
        "more": {"a": "{{ seed }}"},
    }
    fields = form_fields(tree, context)
    assert fields[:3] == [("prompt", "a pier"), ("n", "7"), ("loud", "true")]
    assert [name for name, _ in fields[3:]] == ["image[]", "image[]", "more"]
    part = fields[3][1]
    assert isinstance(part, Part)
    # The name of a film's file is nobody's business.
    assert "secret" not in part.filename
    assert fields[5] == ("more", '{"a": 7}')


def test_conditions_and_texts(context: dict[str, Any]) -> None:
    assert holds("start and not end", context)
    assert holds("{{ references }}", context)
    assert not holds("end", context)
    assert evaluate("seed + 1", context) == 8
    assert render_text("/v1/{{ seed }}", context) == "/v1/7"
    assert render_text("{{ end }}", context) is None
    with pytest.raises(TargetError, match="gives no text"):
        render_text("{{ start }}", context)
