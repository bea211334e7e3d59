"""A whole build against a server that echoes the key wherever it can: afterwards it is nowhere."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from acme import CANARY, DESCRIPTION, png
from odd_server import Got, Say, say, serving

FILM = """\
film: {title: Canary, size: 320x180}
targets: {hosted: {provider: ./acme.yaml, model: m}}
use: {anchor: hosted}
shots:
  - {id: one, action: a keeper climbs}
  - {id: two, action: she lights the lamp}
"""


SPELT = (
    CANARY,
    base64.b64encode(CANARY.encode()).decode(),
    base64.b64encode(CANARY.encode()).decode().rstrip("="),
    base64.urlsafe_b64encode(CANARY.encode()).decode(),
    base64.urlsafe_b64encode(CANARY.encode()).decode().rstrip("="),
    base64.b64encode(f"api:{CANARY}".encode()).decode()[6:-2],
    base64.b32encode(CANARY.encode()).decode().rstrip("="),
    base64.b32encode(CANARY.encode()).decode().rstrip("=").lower(),
    CANARY.encode().hex(),
    CANARY.encode().hex().upper(),
    "".join(f"%{byte:02X}" for byte in CANARY.encode()),
    quote(CANARY, safe=""),
    json.dumps(CANARY)[1:-1],
)
"""The key in all that a provider may make of it."""


def echoing(spoil: Callable[[Got], Say | None]) -> Callable[[Got], Say]:
    """A provider that does its work and tells the key with it; ``spoil`` may answer instead."""
    shown = f"Bearer {' '.join(SPELT)}"
    echo = {"echo": shown, CANARY: [shown], "message": f"your key is {shown}"}
    headers = {"x-echo": CANARY, "set-cookie": f"key={CANARY}"}

    def answer(got: Got) -> Say:
        assert got.path.startswith("/v1/media") or CANARY in got.headers["authorization"]
        spoilt = spoil(got)
        if spoilt is not None:
            spoilt.headers.update(headers)
            return spoilt
        if got.method == "POST":
            return say({**echo, "id": f"job-{CANARY}"}, headers=headers)
        if got.path.startswith("/v1/jobs"):
            url = f"http://{got.headers['host']}/v1/media/a.png?key={CANARY}"
            return say({**echo, "state": "done", "urls": [url]}, headers=headers)
        return Say(body=png((320, 180)), headers={"content-type": "image/png", **headers})

    return answer


def well(_got: Got) -> Say | None:
    return None


def failing(got: Got) -> Say | None:
    return (
        say({"message": f"bad key {' '.join(SPELT)}"}, status=401) if got.method == "GET" else None
    )


def refusing(got: Got) -> Say | None:
    wrong = {"state": "refused", "why": f"{' '.join(SPELT)} said no", "detail": [CANARY]}
    return say(wrong) if got.method == "GET" else None


def rejecting(got: Got) -> Say | None:
    return Say(400, f"<p>Authorization: {got.headers['authorization']}</p>".encode())


def lost(got: Got) -> Say | None:
    return say({"message": CANARY}, status=502) if got.method == "POST" else None


@pytest.mark.parametrize(
    ("spoil", "code"), [(well, 0), (failing, 1), (refusing, 1), (rejecting, 1), (lost, 5)]
)
def test_the_key_is_nowhere_after_a_build(
    tmp_path: Path, spoil: Callable[[Got], Say | None], code: int
) -> None:
    film = tmp_path / "film"
    film.mkdir()
    (film / "film.yaml").write_text(FILM)
    (film / "acme.yaml").write_text(json.dumps(DESCRIPTION))
    environment = {
        **os.environ,
        "ACME_KEY": CANARY,
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "home"),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fvbuild", *arguments],
            cwd=film,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    with serving(echoing(spoil)) as server:
        place = {"base_url": f"{server.url}/v1", "poll_every_s": 0.05}
        (film / "fvbuild.yaml").write_text(json.dumps({"providers": {"acme": place}}))
        built = run("build", "kind:anchor", "-v", "--events", "events.jsonl")
        told = [built, run("build", "kind:anchor", "--json"), run("log")]
        told.append(run("why", "main/one/anchor"))
    assert built.returncode == code, built.stdout + built.stderr
    assert server.got, "it was asked"
    for each in told:
        for spelt in SPELT:
            assert spelt not in each.stdout + each.stderr, each.args
        assert "Traceback" not in each.stderr
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for spelt in SPELT:
                assert spelt.encode() not in data, path
