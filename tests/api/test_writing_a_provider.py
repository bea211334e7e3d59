"""The provider of docs/writing-a-provider.md, as it stands there, makes a film."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from fake import media
from odd_server import Got, Say, say, serving

from fvbuild.cli.main import entry
from fvbuild.targets.api.load import checked

DOCS = Path(__file__).parents[2] / "docs" / "writing-a-provider.md"
KEY = "harborlight-canary-0123456789"

FILM = """\
film: {title: Harbour, size: 320x180}
targets:
  lamp: {provider: ./harborlight.yaml, model: lamp-1}
  beacon: {provider: ./harborlight.yaml, model: beacon-2, resolution: 1080p}
use: {anchor: lamp, segment: beacon}
shots:
  - {id: quay, action: a ferry leaves the quay, duration: 3s, negative: text}
"""


def description() -> str:
    """The code block of the page."""
    text = DOCS.read_text(encoding="utf-8")
    found = re.search(r"<!-- tested: harborlight.yaml -->\n```yaml\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


class Harborlight:
    """The provider, as its description says that it is."""

    def __init__(self) -> None:
        self.clips: dict[str, str] = {}
        self.drawn = 0
        self.url = ""

    def __call__(self, got: Got) -> Say:
        if got.path.startswith("/cdn/"):
            clip = media.made(media.clip((1280, 720), 4.0))
            # Results lie elsewhere: a key that is sent there is given away.
            assert "authorization" not in got.headers
            return Say(body=clip, headers={"content-type": "video/mp4"})
        assert got.path.startswith("/v1/")
        if got.headers.get("authorization") != f"Bearer {KEY}":
            return say({"message": "who are you?"}, status=401)
        return self.known(got.method, got.path.removeprefix("/v1"), got)

    def known(self, method: str, path: str, got: Got) -> Say:
        if (method, path) == ("GET", "/account"):
            return say({"credits": 100})
        if (method, path) == ("POST", "/files"):
            return say({"file": {"id": "file-1"}})
        if (method, path) == ("POST", "/pictures"):
            self.drawn += 1
            drawn = base64.b64encode(media.made(media.picture((1280, 720)))).decode()
            return say({"pictures": [{"data": drawn}], "charged": 4})
        if (method, path) == ("POST", "/clips"):
            # The same key buys once.
            clip = self.clips.setdefault(got.headers["idempotency-key"], f"c{len(self.clips)}")
            return say({"id": clip, "state": "queued"})
        return say({"state": "ready", "clip": {"url": f"{self.url}/cdn/1.mp4"}, "charged": 36})


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "film.yaml").write_text(FILM)
    (tmp_path / "harborlight.yaml").write_text(description())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def at(film: Path, url: str) -> None:
    place = {"providers": {"harborlight": {"base_url": f"{url}/v1"}}}
    (film / "fvbuild.yaml").write_text(json.dumps(place))


def test_it_takes_less_than_sixty_lines_and_has_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "harborlight.yaml"
    path.write_text(description())
    assert len(description().splitlines()) < 60
    assert checked(path, path.name).provider == "harborlight"


def test_it_makes_a_film(
    film: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARBORLIGHT_KEY", KEY)
    provider = Harborlight()
    with serving(provider) as server:
        provider.url = server.url
        at(film, server.url)
        assert entry(["plan", "--json"]) == 0
        steps = {step["node"]: step for step in json.loads(capsys.readouterr().out)["steps"]}
        assert steps["main/quay/anchor"]["cost"]["likely"] == 0.04
        # Four seconds are the least it makes, at nine credits of a cent each.
        assert steps["main/quay/segment"]["cost"]["likely"] == 0.36
        # A refusal is charged for, so three may be.
        assert steps["main/quay/segment"]["cost"]["max"] == pytest.approx(3 * 0.36)
        assert entry(["build"]) == 0
        assert (film / "out" / "harbour.mp4").stat().st_size > 1000
        sent = {got.path: got for got in server.got if got.method == "POST"}
        clip: dict[str, Any] = sent["/v1/clips"].json
        assert clip.pop("text").startswith("A ferry leaves the quay")
        assert clip == {
            "model": "beacon-2",
            "avoid": "text",
            "first": {"file": "file-1"},
            "seconds": 4,
            "quality": "1080p",
        }
        assert (provider.drawn, len(provider.clips)) == (1, 1)
        asked = len(server.got)
        capsys.readouterr()
        assert entry(["build"]) == 0
        assert len(server.got) == asked
    assert entry(["plan", "--exit-code"]) == 0
    capsys.readouterr()
    assert entry(["log", "--json"]) == 0
    assert KEY not in capsys.readouterr().out


def test_whether_it_answers_is_told(
    film: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answers() -> set[str]:
        capsys.readouterr()
        assert entry(["targets", "--probe", "--json"]) == 0
        told = capsys.readouterr().out
        assert KEY not in told
        found = json.loads(told)["targets"]
        return {one["probe"]["word"] for one in found if one["provider"] != "template"}

    with serving(Harborlight()) as server:
        at(film, server.url)
        assert answers() == {"keyless"}
        monkeypatch.setenv("HARBORLIGHT_KEY", "another-key")
        assert answers() == {"unauthorised"}
        monkeypatch.setenv("HARBORLIGHT_KEY", KEY)
        assert answers() == {"answers"}
    at(film, "http://127.0.0.1:1")
    assert answers() == {"unreachable"}


def line_of(text: str, part: str) -> int:
    return next(at for at, line in enumerate(text.splitlines()) if part in line)


@pytest.mark.parametrize(
    ("key", "title", "said"),
    [
        (KEY, "caf\u00e9", "header 'X-Title' cannot be sent"),
        (KEY, "a\\r\\nX-Evil: 1", "header 'X-Title' cannot be sent"),
        (f"\u201c{KEY}\u201d", "plain", "HARBORLIGHT_KEY holds a character that no key has"),
        (f"{KEY}\n{KEY}", "plain", "HARBORLIGHT_KEY holds a character that no key has"),
    ],
)
def test_what_is_no_header_is_told_and_not_sent(
    film: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    key: str,
    title: str,
    said: str,
) -> None:
    monkeypatch.setenv("HARBORLIGHT_KEY", key)
    text = description()
    for before, after in (
        ("path: /pictures", 'headers: {X-Title: "{{ settings.title }}"}'),
        ("makes: {still: draw}", f'settings: {{title: {{type: text, default: "{title}"}}}}'),
    ):
        indent = " " * (text.splitlines()[line_of(text, before)].index(before))
        text = text.replace(before, f"{before}\n{indent}{after}")
    (film / "harborlight.yaml").write_text(text)
    with serving(Harborlight()) as server:
        at(film, server.url)
        assert entry(["build"]) == 1
        told = capsys.readouterr()
        assert said in told.out + told.err
        assert KEY not in told.out + told.err
        assert not [got for got in server.got if "authorization" in got.headers]


def test_without_its_key_the_plan_says_so_and_nothing_is_asked(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Harborlight()) as server:
        at(film, server.url)
        assert entry(["plan"]) == 0
        assert "HARBORLIGHT_KEY is not set" in capsys.readouterr().out
        assert entry(["build"]) == 1
        told = capsys.readouterr()
        assert "HARBORLIGHT_KEY is not set" in told.out + told.err
        assert "https://harborlight.example/keys" in told.out + told.err
        assert server.got == []


def test_editing_it_is_noticed(
    film: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARBORLIGHT_KEY", KEY)
    provider = Harborlight()
    with serving(provider) as server:
        provider.url = server.url
        at(film, server.url)
        assert entry(["build"]) == 0
        path = film / "harborlight.yaml"
        path.write_text(path.read_text().replace("per_image: 4", "per_image: 6"))
        # Prices enter no key.
        assert entry(["plan", "--exit-code"]) == 0
        path.write_text(path.read_text().replace("draw:  ", "drew:  "))
        capsys.readouterr()
        assert entry(["build"]) == 2
        assert "harborlight.yaml" in capsys.readouterr().err
