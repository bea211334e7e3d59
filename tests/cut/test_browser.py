"""A film plays and seeks in headless Chromium: every frame is the one asked for."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from barcodes import BITS, HEIGHT, PROFILE, WIDTH, digest_of, footage_of, write_film, write_shots

from fvbuild.media.mix import mix_film
from fvbuild.media.mp4.assembly import Chapter, Sound, Subtitles, assemble
from fvbuild.media.subtitles import Cue
from fvbuild.timecode import samples_at

LENGTHS = (48, 30, 1, 2, 37, 24)
LIMIT_S = 90
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
PAGE = """<!doctype html><body><script>
const wait = (target, name, ms) => new Promise(done => {
  target['on' + name] = () => done(true); setTimeout(() => done(false), ms); });
const canvas = new OffscreenCanvas(WIDTH, HEIGHT).getContext('2d', {willReadFrequently: true});
const read = video => { canvas.drawImage(video, 0, 0, WIDTH, HEIGHT); let number = 0;
  for (let bit = 0; bit < BITS; bit++)
    if (canvas.getImageData(20 + 25 * bit, 40, 1, 1).data[0] > 128) number |= 1 << bit;
  return number; };
(async () => {
  const said = {seeks: [], order: true, presented: 0, last: -1};
  const video = document.createElement('video');
  video.muted = true; video.src = '/film.mp4'; document.body.append(video);
  await wait(video, 'loadeddata', 20000);
  said.error = video.error && video.error.message; said.duration = video.duration;
  for (const number of SEEKS) { video.currentTime = (number + 0.5) / 24;
    await wait(video, 'seeked', 5000); said.seeks.push([number, read(video)]); }
  video.currentTime = 0; await wait(video, 'seeked', 5000);
  const shown = (_, frame) => { said.presented++; const number = Math.round(frame.mediaTime * 24);
    if (number <= said.last) said.order = false;
    said.last = number; video.requestVideoFrameCallback(shown); };
  video.requestVideoFrameCallback(shown);
  const ended = wait(video, 'ended', 30000); await video.play(); said.ended = await ended;
  await fetch('/said', {method: 'POST', body: JSON.stringify(said)});
})()</script>"""


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the page and ranges of the film, and takes what the page has seen."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: object) -> None:
        return

    def do_POST(self) -> None:
        self.server.said = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
        self.server.done.set()

    def do_GET(self) -> None:
        body, kind, status = self.server.page, "text/html", 200
        asked = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("range") or "")
        if self.path == "/film.mp4":
            body, kind = self.server.film, "video/mp4"
        elif self.path != "/":
            body, status = b"", 404
        size = len(body)
        if asked and status == 200:
            first = int(asked[1])
            body = body[first : int(asked[2]) + 1 if asked[2] else None]
            status = 206
        self.send_response(status)
        if status == 206 and asked:
            self.send_header(
                "content-range", f"bytes {asked[1]}-{int(asked[1]) + len(body) - 1}/{size}"
            )
        self.send_header("content-type", kind)
        self.send_header("accept-ranges", "bytes")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    said: dict[str, Any]
    film: bytes
    page: bytes

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.done = threading.Event()


def seen_by_chromium(film: Path, seeks: list[int], profile_folder: Path) -> dict[str, Any]:
    assert CHROMIUM is not None
    words = {"WIDTH": WIDTH, "HEIGHT": HEIGHT, "BITS": BITS, "SEEKS": json.dumps(seeks)}
    with Server() as server:
        server.film = film.read_bytes()
        server.page = re.sub("|".join(words), lambda found: str(words[found[0]]), PAGE).encode()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = subprocess.Popen(
            [
                CHROMIUM,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--mute-audio",
                "--autoplay-policy=no-user-gesture-required",
                f"--user-data-dir={profile_folder}",
                f"http://127.0.0.1:{server.server_address[1]}/",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert server.done.wait(LIMIT_S), "the page never answered"
        finally:
            browser.terminate()
            browser.wait(20)
            server.shutdown()
        return server.said


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
def test_a_film_plays_and_seeks(tmp_path: Path) -> None:
    shots, total = write_shots(tmp_path, LENGTHS), sum(LENGTHS)
    mix = tmp_path / "mix.m4a"
    mix_film([], samples_at(total, PROFILE.fps), None, mix)
    document = assemble(
        [footage_of(shot) for shot in shots],
        PROFILE,
        sound=Sound(mix, digest_of(mix)),
        subtitles=[Subtitles("en", (Cue(Fraction(1), Fraction(2), "Hello"),))],
        chapters=[Chapter(0, "One"), Chapter(78, "Two")],
        title="Film",
    )
    write_film(document, [*shots, mix], tmp_path / "film.mp4")
    joins = np.cumsum((0, *LENGTHS)).tolist()
    seeks = sorted({n for join in joins for n in (join - 1, join, join + 1) if 0 <= n < total})
    said = seen_by_chromium(tmp_path / "film.mp4", seeks, tmp_path / "browser")
    assert said["error"] is None
    assert said["duration"] == pytest.approx(total / 24, abs=0.01)
    assert [shown for _, shown in said["seeks"]] == seeks
    assert said["ended"] and said["order"]
    # A machine under load may leave frames out, but it comes to the last ones.
    assert said["presented"] > 1 and said["last"] >= total - 12
