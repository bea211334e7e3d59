"""A refusal in a built film: the same words twice, then others, each step told with the take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake import FakeProviders
from fake.fixture import fake  # noqa: F401 - a fixture is found by its name
from films import Place

from fvbuild.engine.events import Did

FILM: dict[str, Any] = {
    "film": {"title": "T", "size": "64x36"},
    "targets": {
        "claude": {"provider": "anthropic", "model": "claude-sonnet-5"},
        "gpt": {"provider": "openai", "model": "gpt-image-2"},
    },
    "use": {"anchor": "gpt", "segment": "placeholder"},
    "shots": [{"id": "a", "action": "a bloody knife falls", "duration": "6f"}],
}


@pytest.fixture
def place(fake: FakeProviders, tmp_path: Path) -> Place:  # noqa: F811
    urls = {
        name: {"base_url": found["base_url"]}
        for name, found in fake.base_urls().items()
        if name in ("anthropic", "openai")
    }
    (tmp_path / "fvbuild.yaml").write_text(json.dumps({"providers": urls}), encoding="utf-8")
    return Place(tmp_path / "film", FILM)


def attempts(place: Place) -> list[Any]:
    project = place.project()
    state = project.state
    key = state.last_key(project.name, "main/a/anchor")
    assert key is not None
    told: Any = state.takes(key)[1].provenance["attempts"]
    state.close()
    return list(told)


def refuse(fake: FakeProviders, times: int) -> None:  # noqa: F811
    fake.script("openai", "refusal", shape="images:moderation_blocked", times=times)


def prompts(fake: FakeProviders) -> list[str]:  # noqa: F811
    return [str(one["body"]) for one in fake.requests("openai", "submit")]


def test_refused_words_are_softened_by_rules(
    fake: FakeProviders,  # noqa: F811
    place: Place,
) -> None:
    refuse(fake, 2)
    report = place.build("main/a/anchor")
    assert [r.action for r in report.results if r.node == "main/a/anchor"] == [Did.BUILT]
    first, second, third = prompts(fake)
    assert "bloody knife" in first and "bloody knife" in second
    assert "stained dark red tool" in third and "knife" not in third
    steps = attempts(place)
    assert [step["did"] for step in steps] == ["refused", "refused", "reworded", "made"]
    assert steps[2]["how"]["by"] == "softening rules"


def test_refused_words_are_written_anew_by_the_films_language_model(
    fake: FakeProviders,  # noqa: F811
    place: Place,
) -> None:
    place.film["use"] |= {"caption": "claude"}
    place.save()
    refuse(fake, 2)
    report = place.build("main/a/anchor")
    assert [r.action for r in report.results if r.node == "main/a/anchor"] == [Did.BUILT]
    asked = [json.dumps(one["body"]) for one in fake.requests("anthropic", "submit")]
    assert len(asked) == 2 and "content filter has refused" in asked[1]
    steps = attempts(place)
    assert [step["did"] for step in steps] == ["refused", "refused", "reworded", "made"]
    assert steps[2]["how"]["by"] == "claude"
    assert steps[2]["how"]["changed"][0]["to"] in prompts(fake)[2]
    project = place.project()
    nodes = [(one.kind, one.stage.value) for one in project.ledger.entries()]
    project.state.close()
    assert ("anchor", "refused") in nodes and nodes.count(("anchor", "committed")) == 2


def test_words_that_stay_refused_end_the_take(
    fake: FakeProviders,  # noqa: F811
    place: Place,
) -> None:
    refuse(fake, 5)
    report = place.build("main/a/anchor")
    (result,) = [r for r in report.results if r.node == "main/a/anchor"]
    assert result.action is Did.FAILED and "in other words" in result.message
    assert len(prompts(fake)) == 3


def test_what_no_rule_can_soften_is_asked_twice_and_no_more(
    fake: FakeProviders,  # noqa: F811
    place: Place,
) -> None:
    place.film["shots"][0]["action"] = "a calm sea"
    place.save()
    refuse(fake, 5)
    place.build("main/a/anchor")
    assert len(prompts(fake)) == 2
