"""Remote hits: what a store's client library alone reaches, and what fvbuild reaches with it.

    python tests/bench/shared_bench.py [--small 1000] [--large 20] [--rounds 3] [nginx] [s3]

1,000 artifacts of 50 KB and 20 of 20 MB are fetched from a local nginx, and from a local S3
emulator (moto), into an empty store: digested while they come, renamed to their digests, flushed,
their stats ready to be recorded. The library alone streams the same objects into files, as many at
once: once as they come, and once with the SHA-256 that anybody must work out who does not believe
the server. All three in turns in one run; the best of each counts, and processor seconds of this
process beside it. ``share`` is of the library with digests, ``share_undigested`` of the library
without. Exit code 1 where ``share`` is below 80 %.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from fvbuild.engine.clock import SystemClock
from fvbuild.engine.shared_bring import AT_ONCE, Bringer
from fvbuild.engine.store import DiskStore
from fvbuild.stores.address import parse
from fvbuild.stores.connect import connect

GATE = 0.8
SMALL_BYTES, LARGE_BYTES = 50_000, 20_000_000


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(port: int) -> None:
    """Until somebody listens."""
    for _ in range(400):
        with socket.socket() as reached:
            if reached.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the server did not start")


@contextmanager
def nginx(root: Path) -> Iterator[str]:
    """A real nginx over a folder; its address."""
    program, port = shutil.which("nginx"), free_port()
    assert program is not None
    root.chmod(0o755)
    user = "user root;" if os.getuid() == 0 else ""
    (root / "nginx.conf").write_text(
        f"{user} pid {root}/pid; error_log {root}/errors; daemon off; worker_processes 2;"
        "events {} http { access_log off; sendfile on;"
        f" client_body_temp_path {root}/body; proxy_temp_path {root}/p;"
        f" fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;"
        f" server {{ listen 127.0.0.1:{port}; root {root}; location /films/ {{"
        " dav_methods PUT DELETE; create_full_put_path on; client_max_body_size 0; } } }"
    )
    process = subprocess.Popen([program, "-e", f"{root}/errors", "-c", f"{root}/nginx.conf"])
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/films"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def emulator(_root: Path) -> Iterator[str]:
    """moto's S3 in a process of its own; its address as an endpoint."""
    port = free_port()
    os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x")
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        import boto3

        url = f"http://127.0.0.1:{port}"
        s3 = boto3.client("s3", endpoint_url=url, region_name="us-east-1")
        s3.create_bucket(Bucket="films")
        yield url
    finally:
        process.terminate()
        process.wait()


Took = tuple[float, float]
"""Seconds on the wall, and of the processor."""


def seconds(work: Callable[[], None]) -> Took:
    """How long something takes."""
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began_s, time.process_time() - began_cpu_s


def digested(url: str, endpoint: str, names: Sequence[str], folder: Path) -> Took:
    """The library with digests."""
    return alone(url, endpoint, names, folder, check=True)


def alone(
    url: str, endpoint: str, names: Sequence[str], folder: Path, *, check: bool = False
) -> Took:
    """The library alone: the same objects into files, as many at once."""
    shared = connect(parse(url, endpoint, "us-east-1" if endpoint else ""))
    store = shared._store  # type: ignore[attr-defined] # the library's own store is what is measured
    import obstore

    def one(name: str) -> None:
        sha = hashlib.sha256()
        with (folder / name).open("wb", buffering=0) as file:
            for piece in obstore.get(store, f"cas/{name}").stream(min_chunk_size=1 << 18):
                if check:
                    sha.update(piece)
                file.write(piece)
        assert not check or sha.hexdigest() == name

    def work() -> None:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(one, names))

    return seconds(work)


def ours(url: str, endpoint: str, names: Sequence[str], folder: Path) -> Took:
    """fvbuild: into a store, checked and flushed."""
    shared = connect(parse(url, endpoint, "us-east-1" if endpoint else ""))
    store = DiskStore(folder, {}, SystemClock())

    def work() -> None:
        errors = Bringer(shared, store).bring_all(names)
        assert not errors, errors[0]
        assert len(store.flush()) == len(names)

    return seconds(work)


def measure(
    what: str, url: str, endpoint: str, sizes: dict[str, tuple[int, int]], rounds: int
) -> Iterator[dict[str, object]]:
    """The figures of one server."""
    shared = connect(parse(url, endpoint, "us-east-1" if endpoint else ""))
    for kind, (count, size_bytes) in sizes.items():
        blobs = [os.urandom(size_bytes) for _ in range(count)]
        names = [hashlib.sha256(blob).hexdigest() for blob in blobs]
        with ThreadPoolExecutor(8) as threads:
            named = zip(names, blobs, strict=True)
            list(threads.map(lambda each: shared.write(f"cas/{each[0]}", each[1]), named))
        del blobs
        best: dict[str, Took] = {}
        for _ in range(rounds):
            for who, fetch in (("alone", alone), ("digested", digested), ("fvbuild", ours)):
                with tempfile.TemporaryDirectory() as folder:
                    took = fetch(url, endpoint, names, Path(folder))
                before = best.get(who, took)
                best[who] = (min(took[0], before[0]), min(took[1], before[1]))
        yield {
            "server": what,
            "artifacts": f"{count} x {kind}",
            "MB_per_s": round(count * size_bytes / best["fvbuild"][0] / 1e6),
            "share": round(best["digested"][0] / best["fvbuild"][0], 2),
            "share_undigested": round(best["alone"][0] / best["fvbuild"][0], 2),
            **{f"{who}_s": round(took[0], 2) for who, took in best.items()},
            **{f"{who}_cpu_s": round(took[1], 2) for who, took in best.items()},
        }


def main() -> int:
    """Measure, print a line each; 1 when a share is below the gate."""
    parser = argparse.ArgumentParser()
    parser.add_argument("servers", nargs="*", default=["nginx", "s3"])
    parser.add_argument("--small", type=int, default=1000)
    parser.add_argument("--large", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    sizes = {"50 KB": (args.small, SMALL_BYTES), "20 MB": (args.large, LARGE_BYTES)}
    low = False
    for what in args.servers:
        if what == "nginx" and shutil.which("nginx") is None:
            print("nginx is not installed: skipped", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            server = nginx(Path(folder)) if what == "nginx" else emulator(Path(folder))
            with server as found:
                url, endpoint = (found, "") if what == "nginx" else ("s3://films", found)
                for row in measure(what, url, endpoint, sizes, args.rounds):
                    print(json.dumps(row), flush=True)
                    low |= float(str(row["share"])) < GATE
    return int(low)


if __name__ == "__main__":
    raise SystemExit(main())
