"""Whole films by shipped providers that echo their keys: afterwards the keys are nowhere.

Looked at are all files (the film's folder with lock, cache, state and ``out``, the user's cache),
what commands print for people and as JSON, and the events.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fake import FakeProviders
from odd_server import Got, Say, serving

_SHOT = {"id": "one", "duration": "2s", "action": "she waits"}
_LINE = {"speaker": "ann", "line": "You came back."}
FILMS: dict[str, tuple[str, dict[str, Any]]] = {
    "runway": (
        "RUNWAYML_API_SECRET",
        {
            "targets": {"clip": {"provider": "runway", "model": "gen4.5"}},
            "use": {"segment": "clip"},
            "shots": [{**_SHOT, "mode": "direct"}],
        },
    ),
    "openai": (
        "OPENAI_API_KEY",
        {
            "targets": {
                "words": {"provider": "openai", "model": "gpt-5.1"},
                "stills": {"provider": "openai", "model": "gpt-image-2"},
            },
            "use": {"caption": "words", "anchor": "stills", "segment": "placeholder"},
            "shots": [_SHOT],
        },
    ),
    "elevenlabs": (
        "ELEVENLABS_API_KEY",
        {
            "targets": {"voice": {"provider": "elevenlabs", "model": "eleven_v4"}},
            "use": {"anchor": "placeholder", "segment": "placeholder", "speech": "voice"},
            "characters": {"ann": {"look": "woman of 30", "voice": {"id": "21m00Tcm4TlvDq8ikWAM"}}},
            "shots": [{**_SHOT, "characters": ["ann"], "dialogue": [_LINE]}],
        },
    ),
}


class Echo:
    """Stands before a provider, and says the key with everything that it answers."""

    def __init__(self, base_url: str, key: str, *, friendly: bool) -> None:
        self._origin = urlsplit(base_url)
        self._friendly = friendly
        self.shown = f"Bearer {key} {base64.b64encode(key.encode()).decode()}"
        self.key = key

    def answer(self, got: Got) -> Say:
        assert self.key in "".join(got.headers.values())
        if not self._friendly:
            told = {"message": self.shown, "status": self.shown, self.key: [self.shown]}
            body = {"error": told, "detail": told, "message": self.shown}
            return self._with_key(400, json.dumps(body).encode(), "application/json")
        status, media_type, content = self._asked(got)
        if media_type == "application/json":
            content = json.dumps(
                {**json.loads(content), "echo": self.shown, self.key: [self.shown]}
            ).encode()
        return self._with_key(status, content, media_type)

    def _asked(self, got: Got) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection(self._origin.netloc, timeout=30)
        headers = {name: value for name, value in got.headers.items() if name != "host"}
        connection.request(got.method, got.path, got.body, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, response.headers.get_content_type(), content

    def _with_key(self, status: int, content: bytes, media_type: str) -> Say:
        headers = {"x-echo": self.shown, "set-cookie": f"key={self.key}"}
        return Say(status, content, {"content-type": media_type, **headers})


def _film(folder: Path, film: dict[str, Any], provider: str, base_url: str) -> None:
    folder.mkdir()
    (folder / "film.yaml").write_text(
        json.dumps({"film": {"title": "Canary", "size": "64x36"}, **film})
    )
    place = {"base_url": base_url, "poll_every_s": 0.05}
    (folder / "fvbuild.yaml").write_text(json.dumps({"providers": {provider: place}}))


@pytest.mark.parametrize("friendly", [True, False], ids=["well", "refusing"])
@pytest.mark.parametrize("provider", FILMS)
def test_the_key_is_nowhere(
    fake: FakeProviders, tmp_path: Path, provider: str, friendly: bool
) -> None:
    variable, film = FILMS[provider]
    key, url = fake.environment()[variable], fake.url(provider)
    home = str(tmp_path / "home")
    environment = {**os.environ, "HOME": home, "XDG_CACHE_HOME": home}
    environment = {k: v for k, v in environment.items() if k not in fake.environment()}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fvbuild", *arguments],
            cwd=tmp_path / "film",
            env={**environment, variable: key},
            capture_output=True,
            text=True,
            timeout=120,
        )

    with serving(Echo(url, key, friendly=friendly).answer) as server:
        _film(tmp_path / "film", film, provider, server.url + urlsplit(url).path)
        told = [run("build", "-v", "--events", "events.jsonl"), run("build", "--json")]
        assert server.got, "it was asked"
    told += [run("plan", "--json"), run("costs", "--json"), run("log"), run("targets", "--json")]
    told += [run("why", "main/one/segment"), run("resolve", "--json"), run("list")]
    assert told[0].returncode == (0 if friendly else 1), told[0].stdout + told[0].stderr
    assert (tmp_path / "film/film.lock").exists() or not friendly
    assert len(fake.bill(provider)) == (len(film["targets"]) if friendly else 0)
    for each in told:
        assert key not in each.stdout + each.stderr, each.args
        assert "Traceback" not in each.stderr, each.stderr
    coded = base64.b64encode(key.encode())
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        data = path.read_bytes()
        assert key.encode() not in data, path
        assert coded not in data, path
