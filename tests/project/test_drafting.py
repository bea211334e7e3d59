"""A film drafted from a story: asked, checked, put right once, never overwriting anything."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake import FakeProviders
from fake.fixture import fake  # noqa: F401 - a fixture is found by its name

from fvbuild.cli.main import entry
from fvbuild.errors import JobFailedError, UsageError
from fvbuild.film.load import load
from fvbuild.project import Project
from fvbuild.project.draft_film import film_text
from fvbuild.project.drafting import Drafting

STORY = "A keeper climbs the stair and lights the lamp."
SHOT: dict[str, Any] = {
    "id": "climb",
    "size": "wide",
    "angle": None,
    "lens": "35mm",
    "camera": "crane up",
    "seconds": 4,
    "characters": ["mara"],
    "props": ["lantern"],
    "first_frame": None,
    "action": "she climbs a spiral stair: slowly",
    "dialogue": [],
}
DRAFT: dict[str, Any] = {
    "title": "The Lamp",
    "style": "noir",
    "look": "wet stone, lamplight",
    "characters": [{"id": "mara", "look": "woman of 60, grey hair"}],
    "locations": [{"id": "tower", "look": "round stair tower"}],
    "props": [{"id": "lantern", "look": "brass lantern"}],
    "scenes": [
        {
            "id": "tower",
            "heading": "INT. TOWER - NIGHT",
            "time": "night",
            "location": "tower",
            "lighting": None,
            "shots": [
                SHOT,
                {
                    **SHOT,
                    "id": "lamp",
                    "seconds": 2.5,
                    "dialogue": [{"speaker": "mara", "line": "There.", "delivery": None}],
                },
            ],
        }
    ],
}
FAULTY: dict[str, Any] = {**DRAFT, "characters": []}


def answer(draft: Any) -> dict[str, Any]:
    """What Anthropic answers when a model wrote this."""
    return {
        "id": "msg_1",
        "content": [{"type": "text", "text": json.dumps(draft)}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1000, "output_tokens": 500},
    }


@pytest.fixture
def folder(fake: FakeProviders, tmp_path: Path) -> Path:  # noqa: F811
    """A workspace whose providers are fakes; the film goes into a folder of it."""
    urls = {
        name: {"base_url": found["base_url"]}
        for name, found in fake.base_urls().items()
        if name in ("anthropic", "openai")
    }
    (tmp_path / "fvbuild.yaml").write_text(json.dumps({"providers": urls}), encoding="utf-8")
    return tmp_path / "film"


def say(fake: FakeProviders, *drafts: Any) -> None:  # noqa: F811
    for draft in drafts:
        fake.script("anthropic", "answer", status=200, body=answer(draft))


Told = Callable[[str], None]


@pytest.fixture
def told() -> list[str]:
    return []


def test_a_draft_becomes_a_film(
    fake: FakeProviders,  # noqa: F811
    folder: Path,
    told: list[str],
) -> None:
    say(fake, DRAFT)
    drafted = Drafting(folder, STORY).write(told.append)
    assert (drafted.path, drafted.faults, drafted.asked) == (folder / "film.yaml", "", 1)
    film = load(drafted.path).variants[0]
    assert film.title.text == "The Lamp" and film.style.preset == "noir"
    climb, lamp = film.shots()
    assert (climb.camera, climb.size, climb.time) == ("crane up", "wide", "night")
    assert [worn.character for worn in climb.characters] == ["mara"]
    assert lamp.frames(film.fps) == 60 and lamp.dialogue[0].words.text == "There."
    assert told == []


def test_a_draft_with_faults_is_put_right_once(
    fake: FakeProviders,  # noqa: F811
    folder: Path,
    told: list[str],
) -> None:
    say(fake, FAULTY, DRAFT)
    drafted = Drafting(folder, STORY).write(told.append)
    assert (drafted.faults, drafted.asked) == ("", 2)
    second = fake.requests("anthropic", "submit")[1]["body"]
    said = json.dumps(second)
    assert "there is no character 'mara'" in said and STORY in said
    assert len(told) == 1


def test_what_cannot_be_put_right_is_kept_beside_and_is_no_film(
    fake: FakeProviders,  # noqa: F811
    folder: Path,
    told: list[str],
) -> None:
    say(fake, FAULTY, FAULTY)
    drafted = Drafting(folder, STORY).write(told.append)
    assert drafted.path == folder / "film.draft.yaml" and "mara" in drafted.faults
    assert not (folder / "film.yaml").exists()
    assert len(fake.requests("anthropic", "submit")) == 2


def test_a_film_is_never_overwritten(
    fake: FakeProviders,  # noqa: F811
    folder: Path,
) -> None:
    folder.mkdir()
    (folder / "film.yaml").write_text("film: Mine\nshots: [a]\n", encoding="utf-8")
    with pytest.raises(UsageError, match="there is a film"):
        Drafting(folder, STORY)
    assert fake.requests("anthropic") == []


def test_a_film_that_appears_meanwhile_stays(
    fake: FakeProviders,  # noqa: F811
    folder: Path,
    told: list[str],
) -> None:
    say(fake, DRAFT)
    drafting = Drafting(folder, STORY)
    folder.mkdir()
    (folder / "film.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="appeared meanwhile"):
        drafting.write(told.append)
    assert (folder / "film.yaml").read_text(encoding="utf-8") == "mine"


def test_what_was_asked_is_in_the_ledger(
    fake: FakeProviders,  # noqa: F811
    folder: Path,
    told: list[str],
) -> None:
    say(fake, DRAFT)
    drafting = Drafting(folder, STORY)
    price = drafting.price()
    assert 0 < price.likely < price.max
    drafting.write(told.append)
    bought = Project.open(folder).ledger.entries()
    assert [(one.node, one.stage.value) for one in bought] == [("draft", "committed")]
    assert bought[0].cost == pytest.approx((1000 * 2 + 500 * 10) / 1e6)


def test_an_answer_of_no_use_is_told_and_nothing_is_written(
    fake: FakeProviders,  # noqa: F811
    folder: Path,
    told: list[str],
) -> None:
    say(fake, {"title": "T"})
    with pytest.raises(JobFailedError, match="answer has no style"):
        Drafting(folder, STORY).write(told.append)
    assert not folder.exists() or not list(folder.glob("*.yaml"))


# --- whom to ask --------------------------------------------------------------------------------


def test_the_first_whose_key_is_set_is_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Drafting(folder, STORY).model == "claude-sonnet-5 (anthropic)"
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    assert Drafting(folder, STORY).model == "gpt-5.1 (openai)"


def test_without_a_key_the_way_on_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError) as caught:
        Drafting(folder, STORY)
    assert "ANTHROPIC_API_KEY" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("by", "model"),
    [
        ("openai", "gpt-5.1 (openai)"),
        ("openai/gpt-5.1", "gpt-5.1 (openai)"),
        ("openai-compatible/qwen3", "qwen3 (openai-compatible)"),
    ],
)
def test_who_is_named_is_asked(folder: Path, by: str, model: str) -> None:
    assert Drafting(folder, STORY, by).model == model


@pytest.mark.parametrize(
    "by", ["runway", "runway/gen4_turbo", "openai-compatible", "nobody", "openai/none", "sketch"]
)
def test_who_cannot_write_is_refused(folder: Path, by: str) -> None:
    with pytest.raises(UsageError):
        Drafting(folder, STORY, by)


# --- the command ----------------------------------------------------------------------------------


def test_the_price_is_confirmed_first(
    fake: FakeProviders,  # noqa: F811
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert entry(["draft", str(folder), STORY]) == 2
    told = capsys.readouterr().err
    assert "claude-sonnet-5 (anthropic) would be asked, for about" in told and "--yes" in told
    assert fake.requests("anthropic") == []


@pytest.mark.parametrize(("typed", "asked"), [("y\n", 1), ("n\n", 0), ("\n", 0), ("", 0)])
def test_on_a_terminal_it_asks(
    fake: FakeProviders,  # noqa: F811
    folder: Path,
    typed: str,
    asked: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    say(fake, DRAFT)
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    assert entry(["draft", str(folder), STORY]) == 0
    assert len(fake.requests("anthropic", "submit")) == asked
    assert (folder / "film.yaml").exists() == bool(asked)


def test_a_story_may_be_a_file_or_piped_in(
    fake: FakeProviders,  # noqa: F811
    folder: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "story.txt").write_text("Of a file.", encoding="utf-8")
    say(fake, DRAFT, DRAFT)
    assert entry(["draft", str(folder), str(tmp_path / "story.txt"), "--yes"]) == 0
    command = [sys.executable, "-m", "fvbuild.cli.main", "draft", "b", "-", "-y"]
    done = subprocess.run(
        command, cwd=tmp_path, input="Of a pipe.", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    sent = [json.dumps(one["body"]) for one in fake.requests("anthropic", "submit")]
    assert "Of a file." in sent[0] and "Of a pipe." in sent[1]


def test_a_film_that_was_drafted_passes_its_check(
    fake: FakeProviders,  # noqa: F811
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    say(fake, DRAFT)
    assert entry(["draft", str(folder), STORY, "--yes"]) == 0
    assert entry(["-f", str(folder), "check"]) == 0
    assert "error" not in capsys.readouterr().err


def test_odd_texts_are_written_as_texts(tmp_path: Path) -> None:
    odd = 'no: #1 "it\'s" - {a} [b] \\ 16:9 é'
    draft = {**DRAFT, "title": odd, "look": "yes", "style": None}
    path = tmp_path / "film.yaml"
    path.write_text(film_text(json.dumps(draft), "x"), encoding="utf-8")
    film = load(path).variants[0]
    assert (film.title.text, film.style.look) == (odd, "yes")
