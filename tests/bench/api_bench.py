"""How busy a provider is kept: a film of many clips at a limited concurrency, against the ideal.

    python tests/bench/api_bench.py                 200 clips, 20 at once, jobs of 2 s: ideally 20 s
    python tests/bench/api_bench.py --shots 20 --job-s 15     what does it cost to wait?

A server on loopback takes jobs, is done with each after so long, and says how many it had at most.
The film is built by the program as it is installed: plan, ledger, limits, polls, downloads, probes.
Prints where the time of the whole command goes, and what one costs that finds everything made.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "api"))

PROVIDER = """\
provider: acme
base_url: https://api.acme.example/v1
auth: {secrets: {key: [ACME_KEY]}, headers: {Authorization: "Bearer {{ secrets.key }}"}}
limits: {concurrency: 20}
outcomes:
  - {when: {match: state == 'done'}, then: done}
  - {when: {match: state == 'waiting'}, then: pending}
calls:
  clip:
    submit: {method: POST, path: /jobs, json: {prompt: "{{ prompt }}", seconds: "{{ seconds }}"}}
    job: {id: id}
    poll: {path: "/jobs/{{ job.id }}", first_s: JOB_S, every_s: 0.25}
    result: {url: url}
models:
  m:
    makes: {segment: clip}
    capabilities: {text_to_video: true}
    seconds: [2]
    sizes: [320x180]
    prices: [{as_of: 2026-01-01, per_take: 0.01}]
"""


def serve(clip: Path, job_s: float) -> None:
    """The provider, in a process of its own. Says its port, and in the end its busiest moment."""
    from odd_server import Got, OddServer, Say, say

    began: dict[str, float] = {}
    ended: dict[str, float] = {}
    guard = threading.Lock()
    flight = [0, 0]
    data = clip.read_bytes()

    def answer(got: Got) -> Say:
        now = time.monotonic()
        if got.method == "POST":
            with guard:
                name = f"job-{len(began)}"
                began[name] = now
                flight[0] += 1
                flight[1] = max(flight)
            return say({"id": name})
        if "/jobs/" in got.path:
            if now - began[got.path.rpartition("/")[2]] < job_s:
                return say({"state": "waiting"})
            with guard:
                flight[0] -= 1
                ended[got.path.rpartition("/")[2]] = now
            return say({"state": "done", "url": f"{server.url}/v1/media/a.mp4"})
        return Say(body=data, headers={"content-type": "video/mp4"})

    server = OddServer(answer)
    print(server.port, flush=True)
    sys.stdin.read()
    held_s = sum(ended[name] - began[name] for name in ended) / len(ended)
    # The monotonic clock is one for all processes of a machine.
    print(min(began.values()), max(ended.values()), flight[1], held_s, flush=True)


def film(folder: Path, shots: int, job_s: float, port: int) -> None:
    """A film whose clips are all made by the provider, from text alone."""
    (folder / "acme.yaml").write_text(PROVIDER.replace("JOB_S", f"{job_s:g}"))
    (folder / "fvbuild.yaml").write_text(
        f"providers: {{acme: {{base_url: 'http://127.0.0.1:{port}/v1'}}}}\n"
    )
    lines = [
        "film: {title: Bench, size: 320x180}",
        "targets: {clips: {provider: ./acme.yaml, model: m}}",
        "use: {segment: clips}",
        "shots:",
        *(f"  - {{id: s{n}, mode: direct, duration: 2s, action: wave {n}}}" for n in range(shots)),
    ]
    (folder / "film.yaml").write_text("\n".join(lines) + "\n")


def clip(path: Path) -> None:
    """What every job gives: two seconds."""
    from fractions import Fraction

    from PIL import Image

    from fvbuild.media.clip import encode_clip
    from fvbuild.media.profile import JoiningProfile

    frames = [Image.new("RGB", (320, 180), (n * 5, 80, 120)) for n in range(48)]
    encode_clip(path, frames, JoiningProfile(320, 180, Fraction(24)))


class Built(NamedTuple):
    """A build of all clips: when it began and ended, and its processor seconds."""

    began_s: float
    ended_s: float
    cpu_s: float

    @property
    def wall_s(self) -> float:
        """How long it took."""
        return self.ended_s - self.began_s


def built(folder: Path) -> Built:
    """Build all clips, as a user would."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environment: dict[str, Any] = {
        **os.environ,
        "ACME_KEY": "bench-key-000000",
        "XDG_CACHE_HOME": str(folder / "xdg"),
    }
    subprocess.run(
        [sys.executable, "-m", "fvbuild", "build", "kind:segment", "-q"],
        cwd=folder,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    ended, after = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Built(began, ended, cpu_s)


def main() -> None:
    """Run it and print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--shots", type=int, default=200)
    options.add_argument("--job-s", type=float, default=2.0)
    options.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.serve is not None:
        serve(chosen.serve, chosen.job_s)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip(folder / "clip.mp4")
        command = [sys.executable, __file__, "--serve", str(folder / "clip.mp4")]
        server = subprocess.Popen(
            [*command, "--job-s", str(chosen.job_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdout is not None
        film(folder, chosen.shots, chosen.job_s, int(server.stdout.readline()))
        first, again = built(folder), built(folder)
        said, _ = server.communicate()
    ideal_s = -(-chosen.shots // 20) * chosen.job_s
    first_job_s, last_job_s, most, held_s = (float(word) for word in said.split())
    print(f"ideally {ideal_s:g} s; at most {most:g} at once; each was held {held_s:.2f} s")
    print(f"the whole command: {first.wall_s:.2f} s, {first.cpu_s:.1f} s of processor, of which")
    print(f"  to the first request  {first_job_s - first.began_s:6.2f} s")
    print(f"  to the last job's end {last_job_s - first_job_s:6.2f} s")
    print(f"  to its own end        {first.ended_s - last_job_s:6.2f} s")
    print(f"over the ideal: {(first.wall_s / ideal_s - 1) * 100:.1f} %")
    print(f"again, with nothing to do: {again.wall_s:.2f} s, {again.cpu_s:.1f} s of processor")


if __name__ == "__main__":
    main()
